import { json } from '../json.ts';
import type { SimClock, SimReply } from '../model.ts';
import { failure } from './errors.ts';
import { text } from './wire.ts';

/** §4: a least interval between two calls, or so many calls in any window. */
export type RateLimit =
  | {
      readonly kind: 'interval';
      readonly everyMs: number;
      /** A caller who came too early is kept out until so long after the last call that was let in. */
      readonly penaltyMs: number;
    }
  | { readonly kind: 'window'; readonly calls: number; readonly windowMs: number };

/** Undefined when the call may go on, else the refusal. */
export type RateGate = (caller: string, limit: RateLimit) => SimReply | undefined;

/** Callers beyond this many are forgotten, oldest first: nobody can grow the memory by inventing keys. */
const MAX_CALLERS = 10_000;

export function every(seconds: number, penaltySeconds = 0): RateLimit {
  return { kind: 'interval', everyMs: seconds * 1_000, penaltyMs: penaltySeconds * 1_000 };
}

export function perMinute(calls: number): RateLimit {
  return { kind: 'window', calls, windowMs: 60_000 };
}

/** When somebody was last let in, and from when on he is again. */
interface Turnstile {
  readonly admittedAt: number;
  readonly opensAt: number;
}

/** Counts per caller, where a caller is an endpoint together with an identity. */
export function createRateGate(clock: SimClock): RateGate {
  const turnstiles = new Map<string, Turnstile>();
  const callsAt = new Map<string, readonly number[]>();
  let refusals = 0;

  function admitAfterPause(caller: string, everyMs: number, penaltyMs: number): boolean {
    const now = clock.now();
    const last = turnstiles.get(caller);
    const isEarly = last !== undefined && now < last.opensAt;
    const next = isEarly
      ? { ...last, opensAt: Math.max(last.opensAt, last.admittedAt + penaltyMs) }
      : { admittedAt: now, opensAt: now + everyMs };
    keep(turnstiles, caller, next);
    return !isEarly;
  }

  function admitInWindow(caller: string, calls: number, windowMs: number): boolean {
    const now = clock.now();
    const recent = (callsAt.get(caller) ?? []).filter((at) => at > now - windowMs);
    const hasRoom = recent.length < calls;
    keep(callsAt, caller, hasRoom ? [...recent, now] : recent);
    return hasRoom;
  }

  return (caller, limit) => {
    const isAdmitted =
      limit.kind === 'interval'
        ? admitAfterPause(caller, limit.everyMs, limit.penaltyMs)
        : admitInWindow(caller, limit.calls, limit.windowMs);
    return isAdmitted ? undefined : tooFrequent(limit, refusals++);
  };
}

/** The bodies that were seen or documented. No header says when to come back. */
const REFUSALS: readonly ((threshold: string) => SimReply)[] = [
  (threshold) => text(429, `API requests too frequent${threshold && `: ${threshold}`}`),
  (threshold) => json(429, { detail: `API requests too frequent${threshold && ` ${threshold}`}` }),
  (threshold) =>
    failure(429, 'rate_limit_exceeded', {
      msg: `API requests too frequent${threshold && ` ${threshold}`}`,
    }),
  (threshold) =>
    json(429, {
      message: `The action could not be performed because there were too many requests by the client.\n\nAPI requests too frequent${threshold && `: ${threshold}*1.0`}\n\n`,
      code: '429 Too Many Requests',
    }),
];

function tooFrequent(limit: RateLimit, turn: number): SimReply {
  const say = REFUSALS[turn % REFUSALS.length];
  return say ? say(thresholdText(limit)) : text(429, 'API requests too frequent');
}

/** Only minimum intervals are told as a number; the search's allowance is not. */
function thresholdText(limit: RateLimit): string {
  return limit.kind === 'interval'
    ? `endpoint threshold=${(limit.everyMs / 1_000).toFixed(1)}`
    : '';
}

function keep<T>(memory: Map<string, T>, caller: string, value: T): void {
  memory.delete(caller);
  memory.set(caller, value);
  const oldest = memory.keys().next();
  if (memory.size > MAX_CALLERS && !oldest.done) memory.delete(oldest.value);
}
