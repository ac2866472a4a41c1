import type { Budget } from '../costs/accounts.ts';
import { type Reservation, reservationOf } from '../domain/budget.ts';
import type { AttemptFailure } from '../domain/instance.ts';
import type { Offer } from '../domain/offer.ts';
import { candidates, measureOf, type Tried } from '../domain/placement.ts';
import type { Choice, SessionRequest } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Shelf } from '../inventory/shelf.ts';
import { assertFilled, givenOffer } from './given-offer.ts';
import { unpayable } from './refusals.ts';
import { assertBidsThere, noMatchFor, type Requirements } from './refuse-no-match.ts';

/** What there is to choose from, and to pay with. */
export interface Market {
  readonly shelf: Shelf;
  readonly budget: Budget;
  readonly now: EpochMs;
}

/** What is to be rented, and the request by which later attempts are chosen. */
export interface Placement {
  readonly offer: Offer;
  readonly request: SessionRequest;
  readonly reservation: Reservation;
}

/** The offer to launch first, or the refusal that says why there is none and what would help. */
export function chooseOffer(market: Market, request: SessionRequest): Placement {
  const { request: settled, payable } = lineUp(market, request);
  const [offer] = payable(1);
  if (!offer) throw new Error('a line without anything to rent is refused');
  return { offer, request: settled, reservation: reservationOf(offer, settled) };
}

/** Everything that the request could be served with, in the order in which it is tried; at least one of it can be paid for. */
export interface LineUp {
  /** By which later attempts are chosen. */
  readonly request: SessionRequest;
  readonly fitting: readonly Offer[];
  /** The first of them that the accounts can pay for, so many at most. */
  readonly payable: (most: number) => readonly Offer[];
}

/** The one way in which offers are chosen: for a create, and for the plan that shows what a create would do. */
export function lineUp(market: Market, request: SessionRequest): LineUp {
  const { choice } = request;
  return choice.kind === 'requirements'
    ? lineOfFitting(market, request, choice)
    : lineFromGiven(market, { ...request, choice });
}

function lineOfFitting(market: Market, request: SessionRequest, choice: Requirements): LineUp {
  const { shelf, budget } = market;
  const line = lineOf(market, request, ranked(market, request, []));
  const [best] = line.fitting;
  if (!best) {
    assertFilled(shelf);
    assertBidsThere(shelf, request, choice);
    throw noMatchFor(shelf, request, choice);
  }
  const shortfall = budget.shortfallOf(best, request);
  if (shortfall && line.payable(1).length === 0) throw unpayable(best, shortfall);
  return line;
}

type GivenOffer = Exclude<Choice, { readonly kind: 'requirements' }>;

/** The given offer, and whatever may stand in for it where the request says so: for the whole line it is the measure. */
function lineFromGiven(
  market: Market,
  request: SessionRequest & { readonly choice: GivenOffer },
): LineUp {
  const { choice } = request;
  const given = givenOffer(market.shelf, choice.offerId, request);
  const shortfall = market.budget.shortfallOf(given, request);
  if (choice.kind === 'offer') {
    if (shortfall) throw unpayable(given, shortfall);
    return lineOf(market, request, [given]);
  }
  if (!shortfall) {
    const likes = ranked(market, request, [{ offer: given }]);
    return lineOf(market, request, [given, ...likes]);
  }
  const named = { ...request, choice: { ...choice, named: measureOf(given) } };
  const likes = ranked(market, request, [{ offer: given, failure: UNPAYABLE }]);
  const line = lineOf(market, named, likes);
  if (line.payable(1).length === 0) throw unpayable(given, shortfall);
  return line;
}

/** As a launch would fail there: whoever lets the broker go on to other offers goes on without that call. */
const UNPAYABLE: AttemptFailure = {
  code: 'insufficient_funds',
  message: 'the balance does not carry it',
};

/** Best first, but for machines that somebody else is being given at this moment. */
function ranked(
  market: Pick<Market, 'shelf' | 'now'>,
  request: SessionRequest,
  attempts: readonly Tried[],
): readonly Offer[] {
  return inTurn(market, request, candidates(market.shelf.choices(), request, attempts));
}

/** All that fit, in the order in which they are tried at this moment. */
export function inTurn(
  { shelf, now }: Pick<Market, 'shelf' | 'now'>,
  request: SessionRequest,
  fitting: readonly Offer[],
): readonly Offer[] {
  return shelf.claims.unclaimedFirst(shelf.ranking?.(fitting, request) ?? fitting, now);
}

function lineOf({ budget }: Market, request: SessionRequest, fitting: readonly Offer[]): LineUp {
  return {
    request,
    fitting,
    payable: (most) => firstOf(fitting, most, (offer) => !budget.shortfallOf(offer, request)),
  };
}

/** Of thousands that fit a few are wanted: the others are not looked at. */
function firstOf(
  offers: readonly Offer[],
  most: number,
  isWanted: (offer: Offer) => boolean,
): readonly Offer[] {
  const found: Offer[] = [];
  for (const offer of offers) {
    if (found.length >= most) break;
    if (isWanted(offer)) found.push(offer);
  }
  return found;
}
