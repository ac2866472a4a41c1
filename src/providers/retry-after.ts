import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';

/** Ends of machines wait as long as everything else: nothing that an answer says may stall them for longer than this. */
export const LONGEST_WAIT_MS = MINUTE_MS;

/**
 * What a `Retry-After` header asks for, in milliseconds: it holds seconds or a date. A date is held against the answer's own
 * `Date`, so that two clocks which differ do no harm, and against `now` where the answer has none.
 */
export function retryAfterMs(
  headers: Readonly<Record<string, string>>,
  now: number,
): number | undefined {
  const header = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(header)) return bounded(Number(header) * SECOND_MS);
  const until = readDate(header);
  if (until === undefined) return undefined;
  return bounded(until - (readDate(headers['date'] ?? '') ?? now));
}

function bounded(waitMs: number): number {
  return Math.min(Math.max(0, waitMs), LONGEST_WAIT_MS);
}

/** Only the form that servers send today (RFC 9110): `Date.parse` alone would read a date into `7.5`. */
function readDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text))
    return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
