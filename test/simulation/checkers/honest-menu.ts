import type { Instance } from '../../../src/domain/instance.ts';
import { MICRO_PER_USD } from '../../../src/domain/money.ts';
import { totalPerHour } from '../../../src/domain/offer.ts';
import { askedPrice } from '../../../src/domain/placement.ts';
import { currentInstance } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import { wholeMenu } from '../../support/whole-menu.ts';
import type { Checker, Evidence } from './violation.ts';

/** Part prices are shown to a tenth of a thousandth of a dollar at best. */
const ROUNDING_MICRO_USD = 300;
/** An offer is stamped when its list is complete, and shelved in the same moment. */
const STAMP_SLACK_MS = MINUTE_MS;

/** Promise 5: the menu shows nothing older than it says, and the price on it is the price that is billed. */
export const honestMenu: Checker = {
  name: 'the menu is honest',
  onTick: ({ broker, brokerNow, plan }) => {
    const offers = broker ? wholeMenu(broker.menu) : [];
    const oldest = brokerNow() - plan.policy.offersMaxAgeMs - STAMP_SLACK_MS;
    const old = offers.find((offer) => offer.fetchedAt < oldest);
    return old && `${old.id} is shown although it was fetched at ${old.fetchedAt}`;
  },
  onCommit: (evidence, session, before) => {
    if (session.status !== 'running' || before?.status === 'running') return undefined;
    const row = currentInstance(session);
    return row && !isAnothersMachine(evidence, row) ? priceProblem(evidence, row) : undefined;
  },
};

/**
 * A restored backup may hold an attempt for one offer, while the attempt of that number that it has forgotten was made for
 * another: found by the tag that both have, the machine is taken over at its own price.
 */
function isAnothersMachine({ books }: Evidence, row: Instance): boolean {
  const forgotten = books.forgotten(row.sessionId)?.instances ?? [];
  return forgotten.some(({ tag, offer }) => tag === row.tag && offer.id !== row.offer.id);
}

function priceProblem({ market }: Evidence, row: Instance): string | undefined {
  const instance = market.instance(row.providerInstanceId ?? '');
  if (instance?.state !== 'running') return undefined;
  const { gpu, cpu, ram, disk } = market.rate(instance.id);
  const billed = (gpu + cpu + ram + disk) * MICRO_PER_USD;
  const shown = totalPerHour(askedPrice(row.offer, row));
  return Math.abs(shown - billed) <= ROUNDING_MICRO_USD
    ? undefined
    : `${row.offer.id} was shown for ${shown} micro-dollars an hour and is billed ${billed}`;
}
