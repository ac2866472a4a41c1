import { ledgerTotal } from '../../../src/domain/billing.ts';
import type { Instance } from '../../../src/domain/instance.ts';
import { totalPerHour } from '../../../src/domain/offer.ts';
import { HOUR_MS } from '../../../src/domain/time.ts';
import type { SimBillParts, SimInstance } from '../../../src/simulator/model.ts';
import { describe } from '../books.ts';
import { clockSlackMs } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

const CENT = 10_000;
const TOLERANCE = 0.001;

/**
 * Promise 4: what the ledger says of an instance is what the marketplace bills for it, within a cent and a thousandth.
 * Cost runs until the provider's end is confirmed, so a confirmation that came late may add what the instance would
 * have cost in between, and never takes anything away. A clock that was set meanwhile
 * is off by no more than it was set, and a time of running that an answer tells is off by no more than the answer took.
 */
export const exactMoney: Checker = {
  name: 'money is exact',
  onConverged: (evidence) =>
    evidence.books.sessions.flatMap((session) =>
      session.instances.flatMap((row) => {
        const problem = compare(evidence, row);
        return problem === undefined ? [] : [`${session.id} attempt ${row.attempt}: ${problem}`];
      }),
    ),
};

function compare(evidence: Evidence, row: Instance): string | undefined {
  const { market, now, plan } = evidence;
  const booked = ledgerTotal(row.costs, now());
  const instance = market.instance(row.providerInstanceId ?? '');
  if (!instance) return booked === 0 ? undefined : `${booked} micro-dollars for nothing`;
  const billed = sum(market.bill(instance.id));
  const unsureMs = clockSlackMs(plan) + plan.faults.latencyMs.high;
  const unsure = (totalPerHour(row.price) * unsureMs) / HOUR_MS;
  const slack = CENT + billed * TOLERANCE + unsure;
  const unheard = unheardCost(evidence, row, instance);
  const late = lateCost(row, instance) + lateStops(evidence, row, instance) + unheard;
  const untold = untoldCost(evidence, row, { billed, ended: instance }) + unheard;
  if (booked >= billed - slack - untold && booked <= billed + slack + late) return undefined;
  return `booked ${booked}, billed ${billed} micro-dollars (late confirmation worth ${late.toFixed()}) for ${describe(instance)}; lines ${JSON.stringify(row.costs)}, ran ${instance.createdAt}..${instance.goneAt ?? 'now'}`;
}

/**
 * What is booked for the time between the true end and its confirmation. Where the market itself stops a machine, no list
 * says since when it has been stopped: the broker that was away or got no list meanwhile books on until it is told.
 */
function lateCost(row: Instance, { goneAt, host }: SimInstance): number {
  if (host.nature === 'gets_stopped') return Number.POSITIVE_INFINITY;
  if (goneAt === null) return 0;
  return row.costs.reduce((total, line) => {
    const lateMs = Math.max(0, (line.endedAt ?? goneAt) - Math.max(goneAt, line.startedAt));
    return total + (line.rateMicroUsdPerHour * lateMs) / HOUR_MS;
  }, 0);
}

/**
 * Where a machine stops, because its disk is kept or because the market says so, no provider says since when it has been stopped:
 * what is booked runs on until it is seen, which takes a look in a calm world and any time in another. It may be ended before
 * anybody has seen it at rest, and a restored backup may have forgotten that somebody had.
 */
function lateStops(evidence: Evidence, row: Instance, { stoppedFor }: SimInstance): number {
  const { plan, restoredAt } = evidence;
  const isKept = row.preservedAt !== undefined || row.resumedAt !== undefined;
  if (!isKept && stoppedFor === null && restoredAt === undefined) return 0;
  if (!plan.isCalm) return Number.POSITIVE_INFINITY;
  return (totalPerHour(row.price) * STOPS_TAKE_MS) / HOUR_MS;
}

/**
 * While a host is not heard of, Vast.ai charges nothing, and no row of it says since when that has been: what is booked runs on
 * until that shows, and begins again when it shows that the host is back. Where every list is answered that takes a look each.
 */
function unheardCost({ market, now, plan }: Evidence, row: Instance, { id }: SimInstance): number {
  const { latencyMs: _slow, outages, ...rates } = plan.faults;
  const isSeen = outages.length === 0 && Object.values(rates).every((value) => value === 0);
  const mostMs = isSeen && plan.crashes.kind === 'never' ? LOOKS_TAKE_MS : Number.POSITIVE_INFINITY;
  const awayMs = market
    .mishaps()
    .filter((one) => one.kind === 'offline' && one.id === id)
    .reduce((sum, { at, until }) => sum + Math.min(Math.min(until, now()) - at, mostMs), 0);
  const dearest = (part: string): number =>
    Math.max(0, ...row.costs.flatMap((one) => (one.part === part ? one.rateMicroUsdPerHour : [])));
  return ((dearest('gpu') + dearest('disk')) * awayMs) / HOUR_MS;
}

const LOOKS_TAKE_MS = 2 * 20_000;

/** Two ends of a run, each asked for, carried out and seen. */
const STOPS_TAKE_MS = 2 * 20_000;

/**
 * What ran up between the last look that said something and the end, when nobody told: the broker looked before it ended
 * the instance and got no answer; or the instance ended in the time that a restored backup has forgotten, or in the
 * moment after it, and what was seen of it in that time is forgotten too; or the market had let it run and stopped it, or
 * taken it away, before anybody got an answer.
 */
function untoldCost(
  { failedLooks, restoredAt }: Evidence,
  row: Instance,
  { billed, ended }: { readonly billed: number; readonly ended: SimInstance },
): number {
  const { goneAt, endedBy } = ended;
  if (restoredAt !== undefined && goneAt !== null && goneAt < restoredAt + LOOK_TAKES_MS) {
    return billed;
  }
  const { terminateAskedAt, failure } = row;
  const isUnseen = !row.costs.some(({ part }) => part === 'gpu');
  if (isUnseen && (endedBy === 'market' || failure?.code === 'instance_stopped')) return billed;
  if (terminateAskedAt === undefined) return 0;
  const isUntold = failedLooks.some(
    ({ api, at }) => api === row.api && Math.abs(terminateAskedAt - at) < LOOK_TAKES_MS,
  );
  return isUntold && row.phase !== 'running' ? billed : 0;
}

/** A deadline, and some waiting for the rate limiter. */
const LOOK_TAKES_MS = 60_000;

function sum(parts: SimBillParts): number {
  return parts.gpu + parts.cpu + parts.ram + parts.disk;
}
