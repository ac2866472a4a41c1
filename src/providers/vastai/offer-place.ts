import type { OfferPage } from './replies.ts';
import type { OfferRow } from './wire.ts';

/** No answer holds more rows, whatever is asked for (seen live, Sept 2026). */
export const ROWS_PER_SEARCH = 64;

/**
 * Where a search begins in the order of price, then of machine. There is no cursor, and a price can have more offers than an
 * answer holds: those are gone through by machine, whose filter is known to work where that of the offer's own id does not.
 */
export type Place =
  | { readonly kind: 'from'; readonly priceUsd: number }
  | { readonly kind: 'above'; readonly priceUsd: number }
  | { readonly kind: 'at'; readonly priceUsd: number; readonly machineId: number };

export const START: Place = { kind: 'from', priceUsd: 0 };

/** The operators that narrow a search to what begins here. */
export function filtersOf(place: Place): Readonly<Record<string, unknown>> {
  const { priceUsd } = place;
  switch (place.kind) {
    case 'from':
      return priceUsd === 0 ? {} : { dph_total: { gte: priceUsd } };
    case 'above':
      return { dph_total: { gt: priceUsd } };
    case 'at':
      return {
        dph_total: { gte: priceUsd, lte: priceUsd },
        machine_id: { gte: place.machineId },
      };
  }
}

/** Where to go on after this answer; undefined when there is nothing behind it. Each step leads further, or ends. */
export function placeAfter(place: Place, page: OfferPage): Place | undefined {
  const isFull = page.sent >= ROWS_PER_SEARCH;
  if (place.kind === 'at')
    return placeWithinPrice(place, isFull ? lastMachine(page.rows) : undefined);
  const prices = pricesOf(page.rows);
  const highest = Math.max(...prices);
  if (!isFull || prices.length === 0 || highest < place.priceUsd) return undefined;
  if (Math.min(...prices) < highest) return { kind: 'from', priceUsd: highest };
  const machineId = lastMachine(page.rows);
  return machineId === undefined
    ? { kind: 'above', priceUsd: highest }
    : { kind: 'at', priceUsd: highest, machineId };
}

function placeWithinPrice(
  { priceUsd, machineId }: Extract<Place, { readonly kind: 'at' }>,
  last: number | undefined,
): Place {
  return last !== undefined && last > machineId
    ? { kind: 'at', priceUsd, machineId: last }
    : { kind: 'above', priceUsd };
}

/** How sure an answer makes it that an offer which it does not hold is gone. */
export type Absence = 'sure' | 'likely' | 'unsaid';

/**
 * What lies between two rows of an answer, and is not in it, is gone. What lies behind its last row is likely gone when the
 * answer is not full: it may as well have been cut short. Of what lies elsewhere it says nothing.
 */
export function absenceFrom(place: Place, page: OfferPage): (row: OfferRow) => Absence {
  const isFull = page.sent >= ROWS_PER_SEARCH;
  const last = isInOrder(page.rows) ? page.rows.at(-1) : undefined;
  return (row) => {
    if (!beginsBefore(place, row)) return 'unsaid';
    if (last && isBefore(row, last)) return 'sure';
    return isFull ? 'unsaid' : 'likely';
  };
}

function beginsBefore(place: Place, row: OfferRow): boolean {
  const { dph_total: price, machine_id: machine } = row;
  if (typeof price !== 'number') return false;
  switch (place.kind) {
    case 'from':
      return price >= place.priceUsd;
    case 'above':
      return price > place.priceUsd;
    case 'at':
      return price === place.priceUsd && (machine ?? -1) >= place.machineId;
  }
}

function isInOrder(rows: readonly OfferRow[]): boolean {
  return rows.every((row, index) => {
    const next = rows[index + 1];
    return next === undefined || !isBefore(next, row);
  });
}

function isBefore(left: OfferRow, right: OfferRow): boolean {
  const prices = (left.dph_total ?? 0) - (right.dph_total ?? 0);
  return prices < 0 || (prices === 0 && (left.machine_id ?? 0) < (right.machine_id ?? 0));
}

function pricesOf(rows: readonly OfferRow[]): readonly number[] {
  return rows.flatMap(({ dph_total: price }) => (typeof price === 'number' ? [price] : []));
}

function lastMachine(rows: readonly OfferRow[]): number | undefined {
  const machines = rows.flatMap(({ machine_id: id }) => (typeof id === 'number' ? [id] : []));
  return machines.length === 0 ? undefined : Math.max(...machines);
}
