import { ProviderFailure } from '../domain/errors.ts';
import type { DeploymentId, ProviderApi, SessionId } from '../domain/ids.ts';
import { claimOf, type OwnInstance, ownInstances } from '../domain/reconciliation.ts';
import type { Session } from '../domain/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';

/** Whether the rows of a broker want an instance; `unknown` where there are no rows to ask. */
export type Standing = 'wanted' | 'unwanted' | 'unknown';

export interface FoundInstance extends OwnInstance {
  readonly provider: Provider;
  readonly standing: Standing;
}

export interface SweepReport {
  /** Each once, even where two APIs of a marketplace show it. */
  readonly found: readonly FoundInstance[];
  /** What these have is not known: the report is incomplete. */
  readonly failed: readonly { readonly api: ProviderApi; readonly detail: string }[];
}

export interface SweepScope {
  readonly deploymentId: DeploymentId;
  /** Undefined when no database could be reached. */
  readonly sessionOf: ((id: SessionId) => Promise<Session | undefined>) | undefined;
}

/** Every instance of this deployment at every provider, told apart from everybody else's by its whole tag. */
export async function findOwnInstances(
  providers: readonly Provider[],
  scope: SweepScope,
): Promise<SweepReport> {
  const found = new Map<string, FoundInstance>();
  const failed: SweepReport['failed'][number][] = [];
  for (const provider of providers) {
    try {
      for (const own of ownInstances(await provider.list(), scope.deploymentId)) {
        const key = `${provider.name} ${own.observation.id}`;
        if (found.has(key)) continue;
        found.set(key, { ...own, provider, standing: await standingOf(own, scope, provider.api) });
      }
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      failed.push({ api: provider.api, detail: error.message });
    }
  }
  return { found: [...found.values()], failed };
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
  { sessionOf }: SweepScope,
  api: ProviderApi,
): Promise<Standing> {
  if (!sessionOf) return 'unknown';
  const claim = claimOf(own, await sessionOf(own.parts.sessionId), api);
  return claim.kind === 'wanted' ? 'wanted' : 'unwanted';
}
