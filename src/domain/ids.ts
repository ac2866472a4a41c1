/** `sess-` and 16 lower-case letters and digits. */
export type SessionId = string;
/** 4 to 12 of `[a-z0-9]`; owns the instances that carry it in their tag. */
export type DeploymentId = string;
/** The name or label by which an instance is ours: `gpub-<deployment>-<session>-<attempt>`. */
export type Tag = string;
/** The provider's own id of an instance, as text. */
export type ProviderInstanceId = string;
/** Public name of a marketplace, e.g. what `GET /offers?provider=` takes. A closed set, known to the composition root. */
export type ProviderName = string;
/** One API of a marketplace. A marketplace with two APIs has two of these under one {@link ProviderName}. */
export type ProviderApi = string;
export type OfferId = string;

/** One API of one marketplace. */
export interface ApiPlace {
  readonly provider: ProviderName;
  readonly api: ProviderApi;
}

const TAG_PATTERN = /^gpub-[a-z0-9]{4,12}-[a-z0-9]{16}-[1-9][0-9]{0,2}$/;
const SESSION_PATTERN = /^sess-([a-z0-9]{16})$/;
const DEPLOYMENT_PATTERN = /^[a-z0-9]{4,12}$/;

export interface TagParts {
  readonly deploymentId: DeploymentId;
  readonly sessionId: SessionId;
  /** 1 for a session's first attempt. */
  readonly attempt: number;
}

export function isSessionId(text: string): text is SessionId {
  return SESSION_PATTERN.test(text);
}

export function isDeploymentId(text: string): text is DeploymentId {
  return DEPLOYMENT_PATTERN.test(text);
}

/** At most 38 characters, inside every provider's limit on names and labels. */
export function makeTag(parts: TagParts): Tag {
  const session = SESSION_PATTERN.exec(parts.sessionId)?.[1] ?? parts.sessionId;
  return `gpub-${parts.deploymentId}-${session}-${parts.attempt}`;
}

/** The parts of a tag, or undefined for any text that {@link makeTag} would not have made, to the letter. */
export function parseTag(text: string): TagParts | undefined {
  if (!TAG_PATTERN.test(text)) return undefined;
  const attemptAt = text.lastIndexOf('-');
  const sessionAt = text.lastIndexOf('-', attemptAt - 1);
  return {
    deploymentId: text.slice('gpub-'.length, sessionAt),
    sessionId: `sess-${text.slice(sessionAt + 1, attemptAt)}`,
    attempt: Number(text.slice(attemptAt + 1)),
  };
}

/** The tag's parts when it belongs to this deployment, compared whole; undefined for everybody else's instances. */
export function ownTag(text: string | undefined, deploymentId: DeploymentId): TagParts | undefined {
  const parts = text === undefined ? undefined : parseTag(text);
  return parts?.deploymentId === deploymentId ? parts : undefined;
}
