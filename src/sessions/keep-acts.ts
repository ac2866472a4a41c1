import { type FailureKind, ProviderFailure } from '../domain/errors.ts';
import { refusalSentence } from '../domain/failure-words.ts';
import type { ProviderInstanceId } from '../domain/ids.ts';
import type { AttemptFailure, Instance, Observation } from '../domain/instance.ts';
import {
  askStop,
  recordPreserved,
  recordStarted,
  recordStopFailure,
  refuseStart,
} from '../domain/lifecycle/keeping.ts';
import { recordLook, waitWithInstance } from '../domain/lifecycle/serving.ts';
import { recordTakenWish, type TakenWish } from '../domain/lifecycle/taken-wish.ts';
import type { MicroUsd } from '../domain/money.ts';
import { MINUTE_MS } from '../domain/time.ts';
import type { Bid, PowerSwitch } from '../ports/provider.ts';
import { orEndUnrecorded } from './end-acts.ts';
import { stopDelayMs } from './retry-delay.ts';
import type { StepParts, Target } from './step-parts.ts';

/**
 * Commits that the machine is to stop, asks, and looks whether it did. Until it is seen at rest the row stays as it is, the
 * meter runs, and the step comes back.
 */
export function stopMachine(parts: StepParts, target: Target): Promise<void> {
  const { session, position } = target;
  return orEndUnrecorded(parts, { session, positions: [position] }, () =>
    askForRest(parts, target),
  );
}

async function askForRest(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position } = target;
  const { book, clock, policy } = parts;
  const id = instance.providerInstanceId;
  if (id === undefined) return;
  const now = clock.now();
  const retryMs = stopDelayMs(now - (session.stopAskedAt ?? now), policy);
  const asked = await book.update(session.id, askStop(position, now, retryMs));
  if (!asked) return;
  try {
    await powerOf(target).stop(id, { tag: instance.tag });
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    await book.update(session.id, recordStopFailure(position, error.kind, clock.now()));
    return;
  }
  await tellMeter(parts, target, 'stopping');
  await confirmRest(parts, target, id);
}

/** The provider has said yes. Where it cannot be seen whether it did, the stop did not fail, and is asked for again. */
async function confirmRest(
  { book, clock }: StepParts,
  { session, instance, position, site }: Target,
  id: ProviderInstanceId,
): Promise<void> {
  const { billing: rule } = site.provider;
  try {
    const observation = await site.provider.get(id, { tag: instance.tag });
    if (!observation) return;
    site.watch.note(observation);
    const at = clock.now();
    await book.update(session.id, recordLook(position, { observation, at, rule }));
    if (isAtRest(observation)) await book.update(session.id, recordPreserved(position, at));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}

/** A meter that changes with the wish itself does so now. */
async function tellMeter(
  { book, clock }: StepParts,
  { session, position, site }: Target,
  phase: TakenWish['phase'],
): Promise<void> {
  const { billing: rule } = site.provider;
  await book.update(session.id, recordTakenWish(position, { phase, at: clock.now(), rule }));
}

/**
 * A machine that failed runs as little as one that stopped, and what it holds may still be read. While its GPUs are held for it,
 * it costs what it costs running.
 */
function isAtRest({ phase, isStartPending, holdsGpus }: Observation): boolean {
  const isQuiet = isStartPending !== true && holdsGpus !== true;
  return isQuiet && (phase === 'stopped' || phase === 'failed');
}

/** Asks for the start that is written down already; asked again it changes nothing, so no outcome has to be settled. */
export async function startMachine(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position, site } = target;
  const { book, clock, policy } = parts;
  const id = instance.providerInstanceId;
  if (id === undefined) return;
  // What was tried before belongs to the former run.
  parts.paces.delete(session.id);
  try {
    await powerOf(target).start(id, bidOf(instance), { tag: instance.tag });
    site.watch.noteStart(id);
    await tellMeter(parts, target, 'starting');
    await book.update(session.id, recordStarted(position, clock.now()));
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    const at = clock.now();
    const failure = refusalOf(error, instance);
    if (failure === undefined) {
      const waitMs = Math.min(error.retryAfterMs ?? policy.launchRetryMs, LONGEST_START_PAUSE_MS);
      await book.update(session.id, waitWithInstance(position, at + waitMs));
    } else {
      await book.update(session.id, refuseStart(position, { at, failure }));
    }
  }
}

/** Undefined where the call may be made again with a better end. */
function refusalOf(
  { kind, outcome }: ProviderFailure,
  { provider, bidPerHour }: Instance,
): AttemptFailure | undefined {
  if (outcome === 'unknown' || PASSING.includes(kind)) return undefined;
  const message = kind === 'no_capacity' ? takenWords(bidPerHour) : refusalSentence(kind, provider);
  return { code: kind, message };
}

/** The consumer waits, so it is asked again at least so often, whatever the provider would like. */
const LONGEST_START_PAUSE_MS = MINUTE_MS;

/** One that is not found is for two lists and a look to prove. */
const PASSING: readonly FailureKind[] = ['rate_limited', 'unavailable', 'malformed', 'not_found'];

function bidOf({ offer, bidPerHour }: Instance): Bid | undefined {
  return bidPerHour === undefined ? undefined : { offer, perHour: bidPerHour };
}

function takenWords(bidPerHour: MicroUsd | undefined): string {
  const cause =
    bidPerHour === undefined
      ? 'the GPUs of the machine are rented by somebody else'
      : 'the GPUs of the machine are rented by somebody else, or cost more than the bid of this session,';
  return `${cause} at the moment; its disk is kept, so try again later`;
}

function powerOf({ site, session }: Target): PowerSwitch {
  const { power, api } = site.provider;
  if (!power) throw new Error(`${api} cannot stop and start machines, as ${session.id} needs`);
  return power;
}
