import { AGENT_TOKEN, LEAST_BODY, ORPHAN_ID, SESSION_ID } from '../http-world.ts';

type Json = Readonly<Record<string, unknown>>;

export const TEMPLATE_HASHES: readonly string[] = ['1', '2', '3'].map((digit) => digit.repeat(32));

/** Ids that the fuzzed world knows, by the first part of the path. */
const KNOWN_IDS: Readonly<Record<string, string>> = {
  offers: 'vastai-12345',
  sessions: SESSION_ID,
  orphans: ORPHAN_ID,
  templates: TEMPLATE_HASHES[0] ?? '',
  docs: 'swagger-ui.css',
};

/** Values that mean something in the fuzzed world, by the names of fields and parameters. */
export const KNOWN_VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['offer_id', ['vastai-12345']],
  ['session_id', [SESSION_ID]],
  ['template_hash_id', TEMPLATE_HASHES],
  ['agent_token', [AGENT_TOKEN]],
]);

/** Bodies that are right where the schema alone does not say what is: rules bind fields to each other. */
const KNOWN_BODIES: Readonly<Record<string, Json>> = {
  'POST /sessions': LEAST_BODY,
  'POST /sessions/plan': LEAST_BODY,
  'POST /sessions/:id/heartbeat': { agent_token: AGENT_TOKEN },
};

/** The path of the route with ids that exist; an id of a kind that is not known here stays one that does not. */
export function knownPath(pattern: string): string {
  const [, first = ''] = pattern.split('/');
  return pattern
    .split('/')
    .map((part) => (part.startsWith(':') || part === '*' ? (KNOWN_IDS[first] ?? 'unknown') : part))
    .join('/');
}

export function knownBody(routeName: string): Json | undefined {
  return KNOWN_BODIES[routeName];
}

/** Routes that refuse even what is right, with this status: the session there is not one with its disk kept. */
const REFUSED: ReadonlyMap<string, number> = new Map([['POST /sessions/:id/resume', 409]]);

/** Whether a request that is right is answered so. */
export function isRightAnswer(routeName: string, status: number): boolean {
  const refusal = REFUSED.get(routeName);
  return refusal === undefined ? status < 400 : status === refusal;
}
