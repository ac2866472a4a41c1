import type { Shortfall } from '../domain/budget.ts';
import type { ProviderName } from '../domain/ids.ts';
import { type MicroUsd, toUsd } from '../domain/money.ts';
import { type Offer, totalPerHour } from '../domain/offer.ts';
import { askedPrice, maxAttempts, preferenceOf } from '../domain/placement.ts';
import type { Policy } from '../domain/policy.ts';
import { type ExpectedCost, expectedCost, rankingTerms } from '../domain/ranking.ts';
import type { Preference, SessionRequest } from '../domain/session.ts';
import { lineUp, type Market } from './choose-offer.ts';

/** What a session of this request would be given now, and what would be tried after it. */
export interface SessionPlan {
  /** As it would be stored. */
  readonly request: SessionRequest;
  /** In the order in which they would be tried; the first is what would be rented. Never empty. */
  readonly candidates: readonly PlannedOffer[];
  /** Offers that fit, whether or not they can be paid for. */
  readonly fitting: number;
  readonly rankedBy: Preference | 'offer_id';
  readonly maxAttempts: number;
  readonly searchMs: number;
  /** Where an account does not carry some of what fits; empty where all accounts carry all of it, or are not known. */
  readonly shortfalls: readonly PlanShortfall[];
}

export interface PlannedOffer {
  readonly offer: Offer;
  /** With the disk, and at the bid, of the request. */
  readonly perHour: MicroUsd;
  readonly cost: ExpectedCost;
  /** Sentences. */
  readonly reasons: readonly string[];
}

export interface PlanShortfall {
  readonly provider: ProviderName;
  /** How many of the offers that fit it leaves out. */
  readonly offers: number;
  /** Of the best of them. */
  readonly shortfall: Shortfall;
}

/** Shows what a create would choose from and why; refuses what that refuses. Changes nothing. */
export function planSession(
  market: Market,
  request: SessionRequest,
  { limit, policy }: { readonly limit: number; readonly policy: Policy },
): SessionPlan {
  const line = lineUp(market, request);
  const { choice } = line.request;
  const offers = line.payable(Math.min(limit, maxAttempts(line.request, policy)));
  const priced = offers.map((offer) => pricedFor(offer, line.request));
  return {
    request: line.request,
    candidates: priced.map((one, place) => ({
      ...one,
      reasons: reasonsFor(one, { place, best: priced[0] ?? one, request: line.request }),
    })),
    fitting: line.fitting.length,
    rankedBy: choice.kind === 'requirements' ? choice.prefer : 'offer_id',
    maxAttempts: maxAttempts(line.request, policy),
    searchMs: request.searchTimeoutMs ?? policy.searchMs,
    shortfalls: shortfallsAmong(line.fitting, line.request, market),
  };
}

type Priced = Omit<PlannedOffer, 'reasons'>;

function pricedFor(offer: Offer, request: SessionRequest): Priced {
  const price = askedPrice(offer, request);
  const cost = expectedCost(offer, price, rankingTerms(request));
  return { offer, perHour: totalPerHour(price), cost };
}

interface Setting {
  readonly place: number;
  readonly best: Priced;
  readonly request: SessionRequest;
}

function reasonsFor(one: Priced, setting: Setting): readonly string[] {
  const { reservationHours } = setting.request;
  const { total, rent, start, failures, chance } = one.cost;
  return [
    setting.place === 0 ? whyFirst(one, setting.request) : whyLater(one, setting),
    `expected to cost ${usd(total)} USD: ${usd(rent)} for ${reservationHours} h, ${usd(start)} until it is up, ${usd(failures)} for launches that fail`,
    `${Math.round(chance * 100)} of 100 launches of its like are expected to come up`,
  ];
}

function whyFirst({ offer }: Priced, request: SessionRequest): string {
  const { choice } = request;
  if (choice.kind !== 'requirements' && choice.offerId === offer.id)
    return 'the offer that is named';
  const preference = preferenceOf(request);
  const words: Readonly<Record<Preference, string>> = {
    expected_cost: 'the least expected cost of a session that works',
    price: 'the lowest price per hour',
    reliability: `the highest reliability: ${offer.reliability}`,
    vram: `the most memory per GPU: ${offer.vramGb} GB`,
  };
  return words[preference];
}

/** By how much it falls behind the best. */
function whyLater({ offer, perHour, cost }: Priced, { best, request }: Setting): string {
  const more = cost.total - best.cost.total;
  const words: Readonly<Record<Preference, string>> = {
    expected_cost: `its expected cost is ${apart(more)} the best's`,
    price: `its price is ${apart(perHour - best.perHour)} the best's, per hour`,
    reliability: `its reliability is ${offer.reliability}, the best's ${best.offer.reliability}`,
    vram: `its GPUs have ${offer.vramGb} GB each, the best's ${best.offer.vramGb}`,
  };
  return `would be tried after what stands before it: ${words[preferenceOf(request)]}`;
}

function apart(difference: MicroUsd): string {
  if (difference === 0) return 'equal to';
  return `${usd(Math.abs(difference))} USD ${difference > 0 ? 'above' : 'below'}`;
}

/** To a tenth of a cent: more would claim what nobody knows. */
function usd(amount: MicroUsd): string {
  return toUsd(amount).toFixed(3);
}

function shortfallsAmong(
  fitting: readonly Offer[],
  request: SessionRequest,
  { budget }: Market,
): readonly PlanShortfall[] {
  const found = new Map<ProviderName, PlanShortfall>();
  for (const offer of fitting) {
    const shortfall = budget.shortfallOf(offer, request);
    if (!shortfall) continue;
    const { provider } = offer;
    const known = found.get(provider) ?? { provider, offers: 0, shortfall };
    found.set(provider, { ...known, offers: known.offers + 1 });
  }
  return [...found.values()];
}
