import { ProviderFailure } from '../domain/errors.ts';
import { refusalSentence } from '../domain/failure-words.ts';
import type { Instance } from '../domain/instance.ts';
import type { Transition } from '../domain/lifecycle/change.ts';
import {
  acceptLaunch,
  acceptLeftover,
  markUnsettled,
  postponeLaunch,
  refuseLaunch,
  startLaunch,
} from '../domain/lifecycle/launching.ts';
import { failAttempt } from '../domain/lifecycle/serving.ts';
import { needsDriver } from '../domain/session.ts';
import { readyTimeoutMs } from './ready-timeout.ts';
import type { StepParts, Target } from './step-parts.ts';

/** A launch that is refused for its rate is tried again this often before the attempt is given up. */
const MAX_POSTPONEMENTS = 5;
/** A provider that asks for a longer pause than this is as good as away: the attempt is refused and not kept waiting. */
const LONGEST_POSTPONEMENT_MS = 60_000;

/** True while another session's launch call is out for the same machine: what becomes of it decides over this one. */
export function isMachineInFlight(parts: StepParts, { offer }: Instance): boolean {
  return offer.machineId !== undefined && parts.machinesInFlight.has(offer.machineId);
}

/** Makes the one launch call, unless the offer is known to be gone by now. */
export async function launch(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position } = target;
  const { id, machineId } = instance.offer;
  if (parts.shelf.isOff(id)) {
    const message = refusalSentence('no_capacity', instance.provider);
    const taken = { code: 'no_capacity', message } as const;
    await parts.book.update(session.id, failAttempt(position, taken, parts.clock.now()));
    return;
  }
  if (machineId !== undefined) parts.machinesInFlight.add(machineId);
  try {
    await callLaunch(parts, target);
  } finally {
    if (machineId !== undefined) parts.machinesInFlight.delete(machineId);
  }
}

/** Commits that the launch begins, makes the call, and commits what came of it. */
async function callLaunch(parts: StepParts, target: Target): Promise<void> {
  const { session, instance, position, site } = target;
  const { book, clock } = parts;
  const timeoutMs = readyTimeoutMs(session.request, site.provider);
  const begun = await book.update(session.id, startLaunch(position, clock.now(), timeoutMs));
  if (!begun) return;
  const startedMs = clock.monotonicMs();
  const outcome = await site.provider
    .launch({
      tag: instance.tag,
      offer: instance.offer,
      diskGb: instance.diskGb,
      publicKey: session.publicKey,
      workload: session.request.workload,
      ...(needsDriver(session.request) ? { needsGpus: true } : {}),
      ...(instance.bidPerHour === undefined ? {} : { bidPerHour: instance.bidPerHour }),
    })
    .catch(asFailure);
  const durationMs = clock.monotonicMs() - startedMs;
  const at = clock.now();
  const rule = site.provider.billing;
  if (outcome instanceof ProviderFailure) {
    if (isGone(outcome)) parts.shelf.withdraw(instance.offer.id);
    else if (outcome.outcome === 'not_done') parts.shelf.claims.release(instance.offer);
    await book.update(session.id, afterFailure(parts, target, { failure: outcome, durationMs }));
    return;
  }
  if (instance.offer.machineId !== undefined) parts.shelf.take(instance.offer.id);
  const { id, createdAt = at } = outcome;
  await book.update(session.id, acceptLaunch(position, { id, at, createdAt, rule, durationMs }));
}

/** The launch died with its process: nobody knows whether it happened. */
export function unsettledAfterCrash(parts: StepParts, target: Target): Transition {
  const at = parts.clock.now();
  return markUnsettled(target.position, {
    at,
    settleBy: at + target.site.provider.settleMs,
    detail: 'the broker stopped in the middle of the launch',
  });
}

function afterFailure(
  parts: StepParts,
  { instance, position, site }: Target,
  { failure, durationMs }: { readonly failure: ProviderFailure; readonly durationMs: number },
): Transition {
  const at = parts.clock.now();
  const { kind, detail } = failure;
  if (failure.leftover !== undefined) {
    const rule = site.provider.billing;
    const acceptance = { id: failure.leftover, at, createdAt: at, rule, durationMs };
    const message = refusalSentence(kind, instance.provider);
    return acceptLeftover(position, acceptance, { code: kind, message });
  }
  if (failure.outcome === 'unknown') {
    return markUnsettled(position, { at, settleBy: at + site.provider.settleMs, detail });
  }
  const pauseMs = failure.retryAfterMs ?? parts.policy.launchRetryMs;
  const isPassing = kind === 'rate_limited' && pauseMs <= LONGEST_POSTPONEMENT_MS;
  if (isPassing && instance.launchAttempts < MAX_POSTPONEMENTS) {
    return postponeLaunch(position, at + pauseMs);
  }
  return refuseLaunch(position, { at, kind, detail });
}

function isGone(failure: ProviderFailure): boolean {
  return (
    !failure.isForOrderOnly && (failure.kind === 'no_capacity' || failure.kind === 'not_found')
  );
}

function asFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  throw error;
}
