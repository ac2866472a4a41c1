import type { ProviderName } from './ids.ts';
import type { Instance } from './instance.ts';
import { costOver, type MicroUsd } from './money.ts';
import { type Offer, totalPerHour } from './offer.ts';
import { askedPrice } from './placement.ts';
import { currentInstance, type Session, type SessionRequest } from './session.ts';
import { type EpochMs, HOUR_MS } from './time.ts';

/** What runs up, and what is promised, at one marketplace. */
export interface Commitment {
  /** Micro-dollars an hour that are running up now, kept disks included. */
  readonly burnPerHour: MicroUsd;
  /** The part of {@link burnPerHour} for disks that are kept without a reservation, and so without an end. */
  readonly keptPerHour: MicroUsd;
  /** What the reservations that are open will cost from now to their ends, in micro-dollars. */
  readonly promised: MicroUsd;
}

export const NOTHING_COMMITTED: Commitment = { burnPerHour: 0, keptPerHour: 0, promised: 0 };

/** What an account is asked to pay for: so much an hour, for so many hours. */
export interface Reservation {
  readonly provider: ProviderName;
  readonly perHour: MicroUsd;
  readonly hours: number;
  /** The part of {@link Commitment.keptPerHour} that {@link perHour} has in it; undefined = none. */
  readonly ownKeptPerHour?: MicroUsd;
}

export function reservationOf(
  offer: Offer,
  request: Pick<SessionRequest, 'diskGb' | 'bidPerHour' | 'reservationHours'>,
): Reservation {
  const perHour = totalPerHour(askedPrice(offer, request));
  return { provider: offer.provider, perHour, hours: request.reservationHours };
}

/** Of a machine that is kept and is to run again: at its own price, which has the price of its disk in it. */
export function resumptionOf({ provider, price, costs }: Instance, hours: number): Reservation {
  const open = costs.filter(({ endedAt }) => endedAt === undefined);
  const ownKeptPerHour = open.reduce((sum, line) => sum + line.rateMicroUsdPerHour, 0);
  return { provider, perHour: totalPerHour(price), hours, ownKeptPerHour };
}

/** Of hours that are added to a reservation which is open: at the price of the machine that it has. Undefined before it has one. */
export function extensionOf(session: Session, hours: number): Reservation | undefined {
  const current = currentInstance(session);
  return current && { provider: current.provider, perHour: totalPerHour(current.price), hours };
}

/** Dollars on an account, as its marketplace said at that moment. */
export interface Balance {
  readonly amount: MicroUsd;
  readonly at: EpochMs;
}

export interface Shortfall {
  /** For the reservation asked for and for all that are open, in micro-dollars. */
  readonly needed: MicroUsd;
  /** What is left by now. */
  readonly balance: MicroUsd;
}

/** What is left by now of a balance that was read a while ago, at what runs up now. */
export function balanceLeft(
  { amount, at }: Balance,
  burnPerHour: MicroUsd,
  now: EpochMs,
): MicroUsd {
  return amount - costOver(burnPerHour, now - at);
}

/** How long the balance lasts at what runs up now; undefined where nothing does. Milliseconds. */
export function lastsForMs(
  balance: Balance,
  burnPerHour: MicroUsd,
  now: EpochMs,
): number | undefined {
  if (burnPerHour === 0) return undefined;
  return Math.max(0, (balanceLeft(balance, burnPerHour, now) / burnPerHour) * HOUR_MS);
}

/**
 * What the account lacks to pay for a reservation to its end, beside what it is to pay for already; undefined where it lacks
 * nothing. Kept disks count for as long as the new reservation lasts. Traffic is not known beforehand and is left out.
 */
export function shortfallOf(
  account: { readonly balance: Balance; readonly commitment: Commitment; readonly now: EpochMs },
  { perHour, hours, ownKeptPerHour = 0 }: Reservation,
): Shortfall | undefined {
  const { balance, commitment, now } = account;
  const othersKept = Math.max(0, commitment.keptPerHour - ownKeptPerHour);
  const needed = Math.ceil((perHour + othersKept) * hours + commitment.promised);
  const left = balanceLeft(balance, commitment.burnPerHour, now);
  return needed > left ? { needed, balance: left } : undefined;
}
