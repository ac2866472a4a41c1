import { warningNews, withoutIdleSpan } from '../idleness.ts';
import type { Instance } from '../instance.ts';
import { currentInstance, type Session, type StopReason } from '../session.ts';
import { type EpochMs, MINUTE_MS } from '../time.ts';
import { factsOf, type Transition, withStatus } from './change.ts';

/** What a market does to a machine, and not its renter. Lack of credit is one account's, and others may have some. */
const TAKEN: readonly StopReason[] = [
  'instance_lost',
  'instance_stopped',
  'outbid',
  'out_of_credit',
  'contract_expired',
  'host_offline',
];
/** A machine takes minutes to come up: for less time than this none is rented. */
const LEAST_LEFT_MS = 5 * MINUTE_MS;

/** Neither the reservation nor the hard limit counts the way to the next machine, which is paid for: there is an end to it. */
const MAX_REPLACEMENTS = 5;
/** A server that ends by itself does so sooner or later on every machine. */
const OWN_END_MS = 15 * MINUTE_MS;

function servedBy({ instances }: Session): number {
  return instances.filter(({ role, runningAt }) => role === 'attempt' && runningAt !== undefined)
    .length;
}

/** A machine that stopped soon after it served, without anybody at the market being named as the cause, may have been stopped by what ran on it. */
function isOwnDoing({ request }: Session, { failure, runningAt, troubledAt }: Instance): boolean {
  const isNobodys = failure?.code === 'instance_stopped' || failure?.code === 'instance_failed';
  if (!isNobodys || request.workload.kind !== 'entrypoint') return false;
  return runningAt !== undefined && troubledAt !== undefined && troubledAt - runningAt < OWN_END_MS;
}

/** Whether another machine takes the place of the one that a running session has just lost. */
export function isReplaced(
  session: Session,
  reason: StopReason,
  { now, limitAt }: { readonly now: EpochMs; readonly limitAt: EpochMs | undefined },
): boolean {
  const instance = currentInstance(session);
  const isWanted = session.request.replaces === true && session.status === 'running';
  if (!isWanted || !instance || !TAKEN.includes(reason)) return false;
  if (isOwnDoing(session, instance) || servedBy(session) > MAX_REPLACEMENTS) return false;
  const since = lostSince(instance, now);
  const isLimitFar = limitAt === undefined || limitAt - since >= LEAST_LEFT_MS;
  return isLimitFar && leftAt(session, since) >= LEAST_LEFT_MS;
}

/**
 * The machine is gone, or of no use, and the session waits for another one: what was left of its reservation is kept for then.
 * Neither the reservation nor the hard limit counts the time in between.
 */
export function interrupt(at: EpochMs): Transition {
  return (session) => {
    const instance = currentInstance(session);
    const { runningAt, ...rest } = withoutIdleSpan(session);
    const { failure } = instance ?? {};
    const isLost = session.status === 'running' && session.stopAskedAt === undefined;
    if (!isLost || !instance || !failure || runningAt === undefined) return undefined;
    const since = Math.max(runningAt, lostSince(instance, at));
    const leftMs = leftAt(session, since);
    const { lastActiveAt: _work, ...waiting } = rest;
    const ranMs = (session.ranBeforeMs ?? 0) + since - runningAt;
    const expiresAt = at + leftMs;
    const next = { ...waiting, interruptedAt: at, leftMs, ranBeforeMs: ranMs, expiresAt };
    const change = withStatus(next, 'provisioning', at);
    const { code } = failure;
    const event = { ...factsOf(instance, at), kind: 'session_interrupted' as const, code };
    return {
      session: change.session,
      events: [event, ...warningNews(session, next, at), ...change.events],
    };
  };
}

function leftAt({ expiresAt }: Session, at: EpochMs): number {
  return Math.max(0, expiresAt - at);
}

/** It was believed some time after it happened: that time was not the consumer's. */
function lostSince({ troubledAt, state, costs }: Instance, at: EpochMs): EpochMs {
  if (troubledAt !== undefined) return Math.min(troubledAt, at);
  const ends = state === 'gone' ? costs.map(({ endedAt = at }) => endedAt) : [];
  return ends.length === 0 ? at : Math.min(at, Math.max(...ends));
}
