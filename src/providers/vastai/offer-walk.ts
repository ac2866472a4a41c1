import { ProviderFailure } from '../../domain/errors.ts';
import type { VastaiClient } from './client.ts';
import { INCLUDED_DISK_GB } from './mapping.ts';
import type { OfferPage } from './replies.ts';
import type { OfferRow } from './wire.ts';

/** No answer holds more rows, whatever is asked for (seen live, Sept 2026). */
const ROWS_PER_SEARCH = 64;
/** Searches a walk makes at most, refused ones included: what one minute allows. Reaches about 560 offers of some 600. */
const MAX_SEARCHES = 9;
/** A walk waits this often for a provider that finds it too fast. */
const MAX_REFUSALS = 3;

/**
 * Verified on-demand offers that can be rented now, the cheapest first. There is no cursor: each search starts at the last
 * price seen, which shows that price's offers again. The walk ends when a search brings nothing new or less than it could.
 */
export async function walkOffers(client: VastaiClient): Promise<readonly OfferRow[]> {
  const found = new Map<number, OfferRow>();
  let fromPriceUsd: number | undefined;
  let refusals = 0;
  for (let searches = 0; searches < MAX_SEARCHES; searches += 1) {
    const page = await searchUnlessTooFast(client, fromPriceUsd);
    if (page instanceof ProviderFailure) {
      refusals += 1;
      if (refusals <= MAX_REFUSALS) continue;
      if (found.size === 0) throw page;
      break;
    }
    const added = addRows(found, page.rows);
    const isExhausted = page.sent < ROWS_PER_SEARCH || added === 0;
    fromPriceUsd = highestPriceUsd(page.rows);
    if (isExhausted || fromPriceUsd === undefined) break;
  }
  return [...found.values()];
}

/** The gate holds the next search back for as long as the refusal asks, so asking again waits by itself. */
async function searchUnlessTooFast(
  client: VastaiClient,
  fromPriceUsd: number | undefined,
): Promise<OfferPage | ProviderFailure> {
  try {
    return await client.search(searchQuery(fromPriceUsd));
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === 'rate_limited') return error;
    throw error;
  }
}

/** Defaults are sent as well, because sources disagree on what the server adds by itself. */
function searchQuery(fromPriceUsd: number | undefined): Readonly<Record<string, unknown>> {
  return {
    verified: { eq: true },
    rentable: { eq: true },
    rented: { eq: false },
    ...(fromPriceUsd === undefined ? {} : { dph_total: { gte: fromPriceUsd } }),
    type: 'on-demand',
    order: [['dph_total', 'asc']],
    limit: ROWS_PER_SEARCH,
    allocated_storage: INCLUDED_DISK_GB,
  };
}

/** How many of them were not known. */
function addRows(found: Map<number, OfferRow>, rows: readonly OfferRow[]): number {
  const before = found.size;
  for (const row of rows) found.set(row.id, row);
  return found.size - before;
}

function highestPriceUsd(rows: readonly OfferRow[]): number | undefined {
  const prices = rows.map((row) => row.dph_total).filter((price) => typeof price === 'number');
  return prices.length === 0 ? undefined : Math.max(...prices);
}
