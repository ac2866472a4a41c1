import { ProviderFailure } from '../domain/errors.ts';
import type { ProviderInstanceId } from '../domain/ids.ts';
import { type AttemptFailure, isFinalInstance } from '../domain/instance.ts';
import { askTerminate, recordGone, recordTerminateFailure } from '../domain/lifecycle/ending.ts';
import { isKept } from '../domain/lifecycle/keeping.ts';
import { recordLook } from '../domain/lifecycle/serving.ts';
import type { Session } from '../domain/session.ts';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import type { Cancel, Clock } from '../ports/clock.ts';
import { terminateDelayMs } from './retry-delay.ts';
import { type StepParts, setPace, type Target } from './step-parts.ts';

const LOST: AttemptFailure = {
  code: 'instance_lost',
  message: 'the provider no longer has the instance',
};

/**
 * Commits that the end is asked for, asks, and looks whether it came. Until the provider says that the instance does
 * not exist, the row stays as it is and the step comes back.
 */
export function terminate(parts: StepParts, target: Target): Promise<void> {
  const { session, position } = target;
  return orEndUnrecorded(parts, { session, positions: [position] }, () => askForEnd(parts, target));
}

/**
 * That something has to end follows from rows that are on disk. When the disk takes no more, the machine is asked to end
 * all the same, for it costs money, and the record follows when there is room.
 */
export async function orEndUnrecorded(
  parts: StepParts,
  due: { readonly session: Session; readonly positions: Iterable<number> },
  record: () => Promise<void>,
): Promise<void> {
  try {
    await record();
  } catch (error) {
    const stored = await parts.book.load(due.session.id);
    // Another version is another truth: somebody could write, and the next step decides on that.
    if (stored?.version === due.session.version) {
      for (const position of due.positions) await endUnrecorded(parts, stored, position);
    }
    throw error;
  }
}

async function endUnrecorded(
  { sites }: StepParts,
  session: Session,
  position: number,
): Promise<void> {
  const instance = session.instances[position];
  const id = instance?.providerInstanceId;
  if (!instance || id === undefined || isFinalInstance(instance.state)) return;
  const provider = sites.get(instance.api)?.provider;
  const about = { tag: instance.tag };
  try {
    // Nothing brings back a disk that was to be kept.
    await (isKept(session, instance)
      ? provider?.power?.stop(id, about)
      : provider?.terminate(id, about));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}

async function askForEnd(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position, site } = target;
  const { book, clock, policy } = parts;
  const id = instance.providerInstanceId;
  if (id === undefined) return;
  await lookOnceMore(parts, target, id);
  const retryMs = terminateDelayMs(instance.terminateAttempts, policy);
  const asked = await book.update(session.id, askTerminate(position, clock.now(), retryMs));
  if (!asked) return;
  try {
    await site.provider.terminate(id, { tag: instance.tag });
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    await book.update(session.id, recordTerminateFailure(position, error.kind, clock.now()));
    return;
  }
  await confirmEnd(parts, target, id);
}

/** The provider has said yes. Where it cannot be seen whether it did, the end did not fail, and is asked for again. */
async function confirmEnd(
  { book, clock }: StepParts,
  target: Target,
  id: ProviderInstanceId,
): Promise<void> {
  const { session, instance, position, site } = target;
  const endedAt = endOf(target, clock.now());
  try {
    const observation = await site.provider.get(id, { tag: instance.tag });
    if (observation) site.watch.note(observation);
    else await book.update(session.id, recordGone(position, { at: clock.now(), endedAt }));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}

/** What an earlier call has ended was there still when it was last seen: half-way from then, where that is not long ago. */
function endOf({ instance, site }: Target, at: EpochMs): EpochMs {
  const sighting = site.watch.sightingOf(instance);
  if (instance.terminateAttempts === 0 || sighting.kind !== 'seen') return at;
  const seenForMs = at - sighting.at;
  return seenForMs > 0 && seenForMs <= MAX_UNSEEN_MS ? at - Math.round(seenForMs / 2) : at;
}

const MAX_UNSEEN_MS = 10 * SECOND_MS;

/**
 * An instance that was last seen starting, or never, may have been running since, after an outage or a restart of ours.
 * Where that costs more than to exist, it is learnt now or never; an end does not wait for a look that fails, or that comes
 * too late.
 */
async function lookOnceMore(
  { book, clock }: StepParts,
  { session, instance, position, site }: Target,
  id: ProviderInstanceId,
): Promise<void> {
  const { billing: rule } = site.provider;
  const isDoubtful = instance.phase === 'starting' || instance.phase === 'unknown';
  const isMetered = rule.running.some((part) => !rule.created.includes(part));
  if (!isDoubtful || !isMetered || instance.terminateAttempts > 0) return;
  try {
    const observation = await soon(clock, site.provider.get(id, { tag: instance.tag }));
    if (!observation) return;
    await book.update(session.id, recordLook(position, { observation, at: clock.now(), rule }));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}

/** Undefined when it takes longer: behind others a look may wait for minutes, in which the machine costs money. */
async function soon<Value>(clock: Clock, look: Promise<Value>): Promise<Value | undefined> {
  let cancel: Cancel | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    cancel = clock.after(LAST_LOOK_MS, () => resolve(undefined));
  });
  try {
    return await Promise.race([look, tooLate]);
  } finally {
    cancel?.();
  }
}

/** A slow answer takes six seconds. */
export const LAST_LOOK_MS = 10 * SECOND_MS;

/** Two lists have missed it: the third word is the provider's own about this one instance. */
export async function verifyAbsence(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position, site } = target;
  const { book, clock, policy } = parts;
  const id = instance.providerInstanceId;
  if (id === undefined) return;
  setPace(parts, session.id, { locateNotBefore: clock.now() + policy.watchIntervalMs });
  try {
    const observation = await site.provider.get(id, { tag: instance.tag });
    if (observation) {
      site.watch.note(observation);
      return;
    }
    const at = clock.now();
    const endedAt = site.watch.missingSince(id) ?? at;
    await book.update(session.id, recordGone(position, { at, endedAt, failure: LOST }));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}
