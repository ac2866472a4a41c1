import type { Policy } from '../domain/policy.ts';

/** Between two calls that ask for one end: doubles from one to the next, up to a bound; it never ends. Milliseconds. */
export function terminateDelayMs(asked: number, policy: Policy): number {
  return Math.min(policy.terminateRetryMs * 2 ** Math.min(asked, 10), policy.terminateRetryMaxMs);
}

/** Between two calls that ask for one rest: longer the longer it has been asked for. Milliseconds. */
export function stopDelayMs(askedForMs: number, policy: Policy): number {
  return Math.min(
    Math.max(Math.round(askedForMs / 2), policy.terminateRetryMs),
    policy.terminateRetryMaxMs,
  );
}
