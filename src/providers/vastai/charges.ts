import { Value } from '@sinclair/typebox/value';
import { ProviderFailure } from '../../domain/errors.ts';
import { microUsd, type Span } from '../../domain/money.ts';
import { DAY_MS, SECOND_MS } from '../../domain/time.ts';
import type { Charge } from '../../ports/provider.ts';
import { isPlausibleUsd } from '../plausible-usd.ts';
import type { Days, VastaiClient } from './client.ts';
import { ChargeRow, type ChargesReply, OtherCharge } from './wire.ts';

/** 100,000 rows at 500 a page; what goes on longer is a loop. */
const MAX_PAGES = 200;
/** The marketplace's words for traffic both ways. */
const TRAFFIC = ['bwd', 'bwu'];

/**
 * What was charged for each instance on the days that the window touches. Charges are kept by the day (UTC), so a window
 * that begins or ends within one counts all of it. Complete by the provider's own count, or a failure.
 */
export async function readAllCharges(
  client: Pick<VastaiClient, 'charges'>,
  window: Span,
): Promise<readonly Charge[]> {
  const sums = new Map<string, Dollars>();
  const tokens = new Set<string>();
  let rows = 0;
  let token: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await client.charges(daysOf(window), token);
    rows += addRows(sums, page);
    token = page.next_token ? page.next_token : undefined;
    if (token === undefined) return complete(sums, { rows, last: page });
    if (tokens.has(token)) throw incomplete('the list of charges goes in circles');
    tokens.add(token);
  }
  throw incomplete('the list of charges has no end');
}

function daysOf({ from, to }: Span): Days {
  const firstDay = Math.floor(from / DAY_MS) * DAY_MS;
  const afterLast = Math.max(Math.ceil(to / DAY_MS) * DAY_MS, firstDay + DAY_MS);
  return { gte: firstDay / SECOND_MS, lte: afterLast / SECOND_MS - 1 };
}

/** Added up as the provider writes them and rounded once, so that many days lose nothing. */
interface Dollars {
  readonly total: number;
  readonly traffic: number;
}

/** How many rows the page has. */
function addRows(sums: Map<string, Dollars>, page: ChargesReply): number {
  const rows = page.results ?? [];
  if (typeof page.count === 'number' && page.count !== rows.length) {
    throw incomplete('a page of charges is not as long as it says');
  }
  for (const row of rows) {
    if (Value.Check(ChargeRow, row) && isPlausibleCharge(row)) addRow(sums, row);
    else if (!Value.Check(OtherCharge, row)) throw incomplete('a charge cannot be read');
  }
  return rows.length;
}

function addRow(sums: Map<string, Dollars>, row: ChargeRow): void {
  const id = row.source.slice('instance-'.length);
  const { total, traffic } = sums.get(id) ?? { total: 0, traffic: 0 };
  const items = (row.items ?? []).filter(({ type }) => TRAFFIC.includes(type));
  sums.set(id, {
    total: total + Number(row.amount),
    traffic: items.reduce((sum, { amount }) => sum + Number(amount), traffic),
  });
}

function isPlausibleCharge({ amount, items }: ChargeRow): boolean {
  return [{ amount }, ...(items ?? [])].every((part) => isPlausibleUsd(Number(part.amount)));
}

function complete(
  sums: ReadonlyMap<string, Dollars>,
  { rows, last }: { readonly rows: number; readonly last: ChargesReply },
): readonly Charge[] {
  const isUnsaid = last.next_token === undefined || last.results === null;
  if (typeof last.total === 'number' ? last.total !== rows : isUnsaid) {
    throw incomplete('the list of charges does not hold as many as it counts');
  }
  return [...sums].map(([id, { total, traffic }]) => ({
    id,
    total: microUsd(total),
    traffic: microUsd(traffic),
  }));
}

function incomplete(detail: string): ProviderFailure {
  return new ProviderFailure({ kind: 'malformed', outcome: 'not_done', detail });
}
