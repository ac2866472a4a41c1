import { ProviderFailure } from '../domain/errors.ts';
import type { ProviderApi } from '../domain/ids.ts';
import { type Orphan, type OrphanId, orphanFacts } from '../domain/orphan.ts';
import type { Policy } from '../domain/policy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';
import type { RunResult } from '../runtime/keyed-runner.ts';
import { fateOf } from './orphan-acts.ts';
import type { OrphanBook } from './orphan-book.ts';
import { terminateDelayMs } from './retry-delay.ts';

export interface OrphanStepParts {
  readonly store: Store;
  readonly orphans: OrphanBook;
  readonly providers: ReadonlyMap<ProviderApi, Provider>;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly policy: Policy;
}

/** One try to end one orphan that is to end; it comes back, ever more slowly, until the provider says that it is gone. */
export async function runOrphanStep(
  parts: OrphanStepParts,
  id: OrphanId,
  lane: string,
): Promise<RunResult> {
  let attempts = 0;
  try {
    const orphan = await parts.store.findOrphan(id);
    const provider = orphan && parts.providers.get(orphan.api);
    if (!orphan || !provider || !mayEnd(orphan, parts.policy))
      return { againInMs: undefined, lane };
    if (lane !== orphan.api) return { againInMs: 0, lane: orphan.api };
    attempts = orphan.terminateAttempts;
    if (await isOver(parts, orphan, provider)) return { againInMs: undefined, lane };
  } catch (error) {
    parts.recorder.note({ kind: 'loop_failed', loop: 'end orphans', error });
  }
  return { againInMs: terminateDelayMs(attempts, parts.policy), lane };
}

/** A dry run that was switched on later stops what sweeps had begun, and nothing that a person has asked for. */
function mayEnd({ state, decidedBy }: Orphan, policy: Policy): boolean {
  return state === 'ending' && (decidedBy === 'person' || !policy.isSweepDryRun);
}

/** Looks, asks, looks again. True when there is nothing more to do. */
async function isOver(
  parts: OrphanStepParts,
  orphan: Orphan,
  provider: Provider,
): Promise<boolean> {
  const { orphans, clock } = parts;
  const { providerInstanceId: id, tag } = orphan;
  let asked: Orphan | undefined;
  try {
    if (fateOf(tag, await provider.get(id, { tag })) === 'orphan_cleared') {
      await orphans.drop(orphan, 'orphan_cleared');
      return true;
    }
    asked = await recordAsked(parts, orphan, provider);
    if (!asked) return false;
    await provider.terminate(id, { tag });
    if (await provider.get(id, { tag })) return false;
    await orphans.drop(asked, 'orphan_gone');
    return true;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const failed = {
      ...orphanFacts(orphan, clock.now()),
      kind: 'orphan_terminate_failed',
    } as const;
    if (asked) await orphans.save(asked, [{ ...failed, failure: error.kind }]);
    return false;
  }
}

/**
 * The row as it is after the call was written down; undefined when somebody wrote meanwhile. That it is to end is on disk
 * already: when the disk takes no more, it is asked to end all the same, for it costs money.
 */
async function recordAsked(
  { orphans, clock }: OrphanStepParts,
  orphan: Orphan,
  provider: Provider,
): Promise<Orphan | undefined> {
  const event = {
    ...orphanFacts(orphan, clock.now()),
    kind: 'orphan_terminate_asked',
  } as const;
  const asked = { ...orphan, terminateAttempts: orphan.terminateAttempts + 1 };
  try {
    return await orphans.save(asked, [event]);
  } catch (error) {
    await provider.terminate(orphan.providerInstanceId, { tag: orphan.tag });
    throw error;
  }
}
