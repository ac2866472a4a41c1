import type { Chance } from '../../src/simulator/model.ts';
import { askUntilAnswered } from './patient-caller.ts';

/** How a consumer means its session to end. */
export const ENDINGS = ['done', 'delete', 'delete in the middle', 'run out'] as const;
export type Ending = (typeof ENDINGS)[number];

export interface OrderPlan {
  /** The offer's id, with or without others like it, or what it has to be like. */
  readonly choice: Readonly<Record<string, unknown>>;
  readonly ending: Ending;
  readonly isAskedTwice: boolean;
  readonly isExtended: boolean;
  /** How often it is looked at while it runs. */
  readonly looks: number;
}

/** Dear machines would use up the account's credit. */
const MAX_PRICE = 1;

/** Who comes first lets the time run out, because later there would not be enough of it. */
export function drawPlan(
  chance: Chance,
  { offerId, isFirst }: { readonly offerId: string; readonly isFirst: boolean },
): OrderPlan {
  const choices = [
    { offer_id: offerId },
    { offer_id: offerId },
    { offer_id: offerId, auto_retry: true, retry_scope: 'any' },
    { requirements: { max_price: MAX_PRICE, prefer: 'price' } },
  ];
  const ending = isFirst ? 'run out' : chance.pick(ENDINGS);
  return {
    choice: chance.pick(choices),
    ending,
    isAskedTwice: chance.hit(0.2),
    isExtended: ending !== 'run out' && chance.hit(0.2),
    looks: chance.int(0, 8),
  };
}

/** Somewhere on the menu, so that consumers rarely meet at one machine, and sometimes do. */
export async function drawOffer(url: string, chance: Chance): Promise<string | undefined> {
  const provider = chance.pick(['vastai', 'tensordock']);
  const offset = chance.int(0, provider === 'vastai' ? 60 : 25);
  const { body } = await askUntilAnswered<{ offers: { id: string }[] }>(url, {
    method: 'GET',
    path: `/offers?provider=${provider}&max_price=${MAX_PRICE}&limit=1&offset=${offset}`,
  });
  return body.offers[0]?.id;
}
