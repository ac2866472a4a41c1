import { ProviderFailure } from '../domain/errors.ts';
import type { DeploymentId, ProviderApi, ProviderName, SessionId } from '../domain/ids.ts';
import { isSameMachine, type Orphan } from '../domain/orphan.ts';
import {
  claimOf,
  type ListingPlace,
  type OwnInstance,
  ownInstances,
} from '../domain/reconciliation.ts';
import type { Session } from '../domain/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';

/**
 * Whether the rows of a broker want an instance; `unknown` where there are no rows to ask. Of those that they do not want
 * `held` ones wait for a person's word, and `ignored` ones are left alone by it.
 */
export type Standing = 'wanted' | 'unwanted' | 'held' | 'ignored' | 'unknown';

export interface FoundInstance extends OwnInstance {
  readonly provider: Provider;
  readonly standing: Standing;
}

export interface SweepReport {
  /** Each once, where two APIs of a marketplace show it under one id. */
  readonly found: readonly FoundInstance[];
  /** What these have is not known: the report is incomplete. */
  readonly failed: readonly { readonly api: ProviderApi; readonly detail: string }[];
}

export interface SweepScope {
  readonly deploymentId: DeploymentId;
  /** Undefined when no database could be reached. */
  readonly rows: SweepRows | undefined;
}

/** What a broker has written down. */
export interface SweepRows {
  load(id: SessionId): Promise<Session | undefined>;
  orphansOf(provider: ProviderName): Promise<readonly Orphan[]>;
}

/** Every instance of this deployment at every provider, told apart from everybody else's by its whole tag. */
export async function findOwnInstances(
  providers: readonly Provider[],
  scope: SweepScope,
): Promise<SweepReport> {
  const apis = new Set(providers.map(({ api }) => api));
  const found = new Map<string, FoundInstance>();
  const failed: SweepReport['failed'][number][] = [];
  for (const provider of providers) {
    const place = { provider: provider.name, api: provider.api, apis };
    try {
      for (const own of ownInstances(await provider.list(), scope.deploymentId)) {
        const key = `${provider.name} ${own.observation.id}`;
        if (found.has(key)) continue;
        found.set(key, { ...own, provider, standing: await standingOf(own, scope.rows, place) });
      }
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      failed.push({ api: provider.api, detail: error.message });
    }
  }
  return { found: [...found.values()], failed };
}

/** What is to be ended beside the instances that nobody has spoken for. */
export interface EndingChoice {
  readonly includesWanted: boolean;
  readonly includesIgnored: boolean;
}

/** A live session's instance, and one that a person has said to leave alone, are ended only when they are asked for. */
export function chosenToEnd(
  found: readonly FoundInstance[],
  choice: EndingChoice,
): readonly FoundInstance[] {
  return found.filter(({ standing }) => isChosen(standing, choice));
}

/** Ten minutes of asking, with a pause that doubles up to half a minute: then a person has to look. */
const MAX_ASKS = 24;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Asks for one instance's end until the provider says that it does not exist. False when it never said so. */
export async function endForGood(instance: FoundInstance, clock: Clock): Promise<boolean> {
  const { provider, observation } = instance;
  for (let asks = 0; asks < MAX_ASKS; asks += 1) {
    try {
      await provider.terminate(observation.id);
      if (!(await provider.get(observation.id))) return true;
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** asks, LONGEST_PAUSE_MS);
    await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
  }
  return false;
}

async function standingOf(
  own: OwnInstance,
  rows: SweepRows | undefined,
  place: ListingPlace,
): Promise<Standing> {
  if (!rows) return 'unknown';
  const session = await rows.load(own.parts.sessionId);
  if (claimOf(own, session, place).kind === 'wanted') return 'wanted';
  const all = await rows.orphansOf(place.provider);
  const orphans = all.filter((orphan) => isSameMachine(orphan, own, place));
  if (orphans.some(({ state }) => state === 'ignored')) return 'ignored';
  return orphans.some(({ state }) => state === 'held') ? 'held' : 'unwanted';
}

function isChosen(standing: Standing, choice: EndingChoice): boolean {
  switch (standing) {
    case 'wanted':
      return choice.includesWanted;
    case 'ignored':
      return choice.includesIgnored;
    case 'unwanted':
    case 'held':
    case 'unknown':
      return true;
  }
}
