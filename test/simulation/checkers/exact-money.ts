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
 * have cost in between, and never takes anything away. A clock that was set meanwhile is off by no more than it was set.
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

function compare({ market, now, plan }: Evidence, row: Instance): string | undefined {
  const booked = ledgerTotal(row.costs, now());
  const instance = market.instance(row.providerInstanceId ?? '');
  if (!instance) return booked === 0 ? undefined : `${booked} micro-dollars for nothing`;
  const billed = sum(market.bill(instance.id));
  const skewed = (totalPerHour(row.price) * clockSlackMs(plan)) / HOUR_MS;
  const slack = CENT + billed * TOLERANCE + skewed;
  const late = lateCost(row, instance);
  if (booked >= billed - slack && booked <= billed + slack + late) return undefined;
  return `booked ${booked}, billed ${billed} micro-dollars (late confirmation worth ${Math.round(late)}) for ${describe(instance)}; lines ${JSON.stringify(row.costs)}, ran ${instance.createdAt}..${instance.goneAt ?? 'now'}`;
}

/** What the time between the true end and its confirmation comes to at the last known rate. */
function lateCost(row: Instance, instance: SimInstance): number {
  if (instance.goneAt === null || row.goneAt === undefined) return 0;
  const lastEnd = Math.max(...row.costs.map((line) => line.endedAt ?? 0));
  const lateMs = Math.max(0, Math.min(row.goneAt, lastEnd) - instance.goneAt);
  const rate = row.costs
    .filter((line) => line.endedAt === lastEnd)
    .reduce((total, line) => total + line.rateMicroUsdPerHour, 0);
  return (rate * lateMs) / HOUR_MS;
}

function sum(parts: SimBillParts): number {
  return parts.gpu + parts.cpu + parts.ram + parts.disk;
}
