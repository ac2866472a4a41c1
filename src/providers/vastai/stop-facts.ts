import type { InstancePhase, Observation, StopCause } from '../../domain/instance.ts';
import { microUsd } from '../../domain/money.ts';
import { type EpochMs, SECOND_MS } from '../../domain/time.ts';
import type { InstanceRow } from './wire.ts';

/** What a row tells of a stop besides that it is one, and of a machine that is not heard of. */
export function stopFacts(
  row: InstanceRow,
  { phase, now }: { readonly phase: InstancePhase; readonly now: EpochMs },
): Pick<Observation, 'isStartPending' | 'stopCause' | 'leastBid'> {
  if (phase === 'unknown') return isHostSilent(row) ? { stopCause: 'host_offline' } : {};
  if (phase !== 'stopped') return {};
  const stopCause = causeOf(row, now);
  return {
    ...(isStartPending(row) ? { isStartPending: true } : {}),
    ...(stopCause === undefined ? {} : { stopCause }),
    ...leastBidOf(row),
  };
}

/** `unknown` is without a heartbeat, `offline` for longer: both may come back (fact sheet, section 9). */
function isHostSilent({ actual_status: actual }: InstanceRow): boolean {
  return actual === 'offline' || actual === 'unknown';
}

/** The contract is stopped and the provider means it to run: a start is queued, or a bid waits for the price to fall. */
function isStartPending(row: InstanceRow): boolean {
  if (row.cur_state !== 'stopped') return isEvicted(row);
  return row.intended_status === 'running' || row.next_state === 'running';
}

/** How one note shows a bid that was displaced: the container is stopped and still meant to run. */
function isEvicted(row: InstanceRow): boolean {
  return (
    row.is_bid === true && row.actual_status === 'stopped' && row.intended_status === 'running'
  );
}

/**
 * Nothing in a row names the cause, so only what it proves is told. A stop of our own looks the same as a host's;
 * lack of credit shows in the account and not here.
 */
function causeOf(row: InstanceRow, now: EpochMs): StopCause | undefined {
  const { end_date: endSeconds } = row;
  if (typeof endSeconds === 'number' && endSeconds > 0 && endSeconds * SECOND_MS <= now) {
    return 'contract_expired';
  }
  return isEvicted(row) ? 'outbid' : undefined;
}

/** `dph_base` is no measure of it: what a bid's contract at rest shows there is not documented. */
function leastBidOf({
  is_bid: isBid,
  min_bid: leastUsd,
}: InstanceRow): Pick<Observation, 'leastBid'> {
  const isKnown = isBid === true && typeof leastUsd === 'number' && leastUsd > 0;
  return isKnown ? { leastBid: microUsd(leastUsd) } : {};
}
