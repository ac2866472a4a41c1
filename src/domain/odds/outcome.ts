import type { FailureCode, Instance } from '../instance.ts';
import type { SessionRequest } from '../session.ts';
import { type EpochMs, MINUTE_MS } from '../time.ts';

/** What became of a launch, as far as it says something of the offer. */
export interface Outcome {
  /** It served; it was not to be had; it was had, and did not serve. */
  readonly kind: 'ran' | 'gone' | 'broken';
  /** Of a failure. */
  readonly code?: FailureCode;
  readonly at: EpochMs;
}

/** An attempt, as far as its outcome follows from it. */
export type Tried = Pick<
  Instance,
  | 'role'
  | 'launchAttempts'
  | 'bidPerHour'
  | 'intendedAt'
  | 'launchedAt'
  | 'runningAt'
  | 'resumedAt'
  | 'troubledAt'
  | 'terminateAskedAt'
  | 'goneAt'
  | 'failure'
>;

/** What was ordered, as far as it can be at fault itself. */
export type Order = Pick<SessionRequest, 'workload' | 'readyTimeoutMs'>;

/** A machine that is lost so soon after its first login was no success: such deaths are reported 8 to 15 minutes after the start. */
export const EARLY_DEATH_MS = 15 * MINUTE_MS;

/** Who waits for less gives up machines that others would have had. */
export const FAIR_WAIT_MS = 10 * MINUTE_MS;

/** Undefined where it is open yet, or says nothing of the offer. */
export function outcomeOf(tried: Tried, order: Order): Outcome | undefined {
  const { role, launchAttempts, intendedAt, launchedAt, runningAt, resumedAt, failure } = tried;
  if (role !== 'attempt') return undefined;
  // It has served before it was kept; what comes after is another story than a launch.
  if (resumedAt !== undefined) return { kind: 'ran', at: launchedAt ?? intendedAt };
  if (runningAt !== undefined) return whatRan(tried, runningAt, order);
  // Given up before anybody was asked.
  if (!failure || launchAttempts === 0) return undefined;
  const kind = faultIn(failure.code, tried, order);
  return kind && { kind, code: failure.code, at: failedAt(tried) };
}

function whatRan(tried: Tried, runningAt: EpochMs, order: Order): Outcome {
  const { failure, troubledAt, terminateAskedAt, goneAt } = tried;
  const diedAt = troubledAt ?? terminateAskedAt ?? goneAt;
  const isEarly = diedAt !== undefined && diedAt - runningAt < EARLY_DEATH_MS;
  // A server that ends by itself says as little of its machine as one that never answered.
  const isMachines = failure !== undefined && faultIn(failure.code, tried, order) === 'broken';
  if (!isEarly || !isMachines) return { kind: 'ran', at: runningAt };
  return { kind: 'broken', code: failure.code, at: diedAt };
}

function failedAt({ terminateAskedAt, goneAt, intendedAt }: Tried): EpochMs {
  return terminateAskedAt ?? goneAt ?? intendedAt;
}

/** Whose fault a failure is: of nobody at the market, of the offer, of the machine behind it, or of that or what was to run on it. */
type Fault = 'not_the_offers' | 'offer' | 'machine' | 'machine_or_order';

/**
 * The one table. What the caller asked for, what the caller would pay, the state of our account and of the API as a whole are
 * held against no offer: they would be the same with the next.
 */
export const FAULTS: Readonly<Record<FailureCode, Fault>> = {
  no_capacity: 'offer',
  not_found: 'offer',
  never_ready: 'machine_or_order',
  instance_failed: 'machine_or_order',
  instance_stopped: 'machine_or_order',
  instance_lost: 'machine',
  host_offline: 'machine',
  wrong_machine: 'machine',
  no_driver: 'machine',
  invalid: 'not_the_offers',
  image_unavailable: 'not_the_offers',
  price_changed: 'not_the_offers',
  outbid: 'not_the_offers',
  contract_expired: 'not_the_offers',
  out_of_credit: 'not_the_offers',
  insufficient_funds: 'not_the_offers',
  unauthorized: 'not_the_offers',
  rate_limited: 'not_the_offers',
  unavailable: 'not_the_offers',
  malformed: 'not_the_offers',
  launch_unconfirmed: 'not_the_offers',
};

function faultIn(code: FailureCode, tried: Tried, order: Order): 'gone' | 'broken' | undefined {
  switch (FAULTS[code]) {
    case 'not_the_offers':
      return undefined;
    case 'offer':
      return isPlain(tried, order) ? 'gone' : undefined;
    case 'machine':
      return 'broken';
    case 'machine_or_order':
      return isOurs(order) && isPatient(code, order) ? 'broken' : undefined;
  }
}

/** An order at a bid, or for open ports, may be refused for its own sake while others are served. */
function isPlain({ bidPerHour }: Tried, { workload }: Order): boolean {
  return bidPerHour === undefined && workload.kind === 'ssh';
}

/** Nothing ran on the machine that was not ours: what the caller brings may end, or never come up, by itself. */
function isOurs({ workload }: Order): boolean {
  return workload.kind === 'ssh' && workload.template === undefined;
}

function isPatient(code: FailureCode, { readyTimeoutMs }: Order): boolean {
  return code !== 'never_ready' || readyTimeoutMs === undefined || readyTimeoutMs >= FAIR_WAIT_MS;
}
