import { isObject, type JsonObject, json, parseJson } from '../json.ts';
import type { Marketplace, SimReply } from '../model.ts';
import { listAsks } from './asks.ts';
import { invalidArgs, invalidBody } from './errors.ts';
import { offerRow, type Pricing } from './offer-row.ts';
import { type ColumnReader, type Columns, compareValues, readFilters } from './query-operators.ts';
import type { Row } from './wire.ts';

/** No answer is longer, whatever `limit` says (§5.4). */
const MAX_ROWS = 64;
const DEFAULT_ALLOCATED_GB = 8;
const RENTALS: ReadonlyMap<unknown, Pricing['rental']> = new Map([
  [undefined, 'on-demand'],
  ['on-demand', 'on-demand'],
  ['ondemand', 'on-demand'],
  ['reserved', 'on-demand'],
  ['bid', 'bid'],
]);

/** Keys beside the filters; the deprecated ones change nothing (§5.3). */
const NOT_FILTERS = new Set([
  'type',
  'order',
  'limit',
  'allocated_storage',
  'disable_bundling',
  'external',
  'extra_ids',
  'has_avx',
  'gpu_option',
  'show_incompatible',
  'sort_option',
  'template_id',
]);

/** What the server adds for fields that a query leaves out; it hides most of the market (§5.5). */
const DEFAULT_FILTERS: JsonObject = {
  verified: { eq: true },
  rentable: { eq: true },
  rented: { eq: false },
};

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['dphtotal', 'dph_total'],
  ['gpu_totalram', 'gpu_total_ram'],
  ['ubuntu_version', 'os_version'],
  ['driver_version', 'driver_vers'],
  ['target_reliability', 'expected_reliability'],
  ['reliability2', 'reliability'],
]);

/** Columns that are computed for the query and stand in no row (§5.6). */
const VIRTUAL: ReadonlyMap<string, ColumnReader> = new Map<string, ColumnReader>([
  // Observed: a filter by `id` matches nothing; `ask_contract_id` does the work.
  ['id', () => undefined],
  ['geolocation', countryOf],
  ['datacenter', (row) => row['hosting_type'] === 1],
  ['verified', (row) => row['vericode'] === 1],
  ['gpu_ram_GB', (row) => thousandth(row['gpu_ram'])],
  ['cpu_ram_GB', (row) => thousandth(row['cpu_ram'])],
  ['gpu_totalram_GB', (row) => thousandth(row['gpu_total_ram'])],
]);

/** All three forms of the search come down to one query object. */
export function searchOffers(market: Marketplace, query: JsonObject): SimReply {
  const rental = RENTALS.get(query['type']);
  if (!rental) return invalidArgs(`Invalid args: type ${String(query['type'])}`);
  const allocatedGb = numberOr(query['allocated_storage'], DEFAULT_ALLOCATED_GB);
  const pricing = { rental, allocatedGb, now: market.clock.now() };
  const rows = listAsks(market)
    .filter((ask) => ask.freeDiskGb >= allocatedGb)
    .map((ask) => offerRow(ask, pricing));
  const filters = readFilters(filtersOf(query), offerColumns(rows[0]));
  if (filters.kind === 'refused') return filters.reply;
  const found = rows.filter(filters.value).sort(ordering(query['order']));
  return json(200, { offers: found.slice(0, rowLimit(query['limit'])) });
}

/** `GET /api/v0/bundles/?q=` carries the query as JSON text. */
export function searchByQueryText(market: Marketplace, q: string | null): SimReply {
  const query = q === null ? {} : parseJson(q);
  return isObject(query) ? searchOffers(market, query) : invalidBody();
}

/** `PUT /api/v0/search/asks/` wraps the query. */
export function searchAsks(market: Marketplace, body: JsonObject): SimReply {
  const query = body['q'] ?? {};
  return isObject(query) ? searchOffers(market, query) : invalidBody();
}

function filtersOf(query: JsonObject): JsonObject {
  const asked = Object.entries(query).filter(([name]) => !NOT_FILTERS.has(name));
  return { ...DEFAULT_FILTERS, ...Object.fromEntries(asked) };
}

/** Names that no offer has are ignored, not refused: a misspelt filter narrows nothing (§5.6). */
function offerColumns(sample: Row | undefined): Columns {
  return {
    find: (name) => VIRTUAL.get(name) ?? storedColumn(ALIASES.get(name) ?? name, sample),
    unknown: 'ignored',
    allows: (name, operator) =>
      name !== 'geolocation' || ['eq', 'neq', 'in', 'notin'].includes(operator),
  };
}

function storedColumn(name: string, sample: Row | undefined): ColumnReader | undefined {
  return sample && Object.hasOwn(sample, name) ? (row) => row[name] : undefined;
}

function ordering(order: unknown): (left: Row, right: Row) => number {
  const pairs = Array.isArray(order) ? order.filter(Array.isArray) : [];
  const columns = pairs.length === 0 ? [['score', 'desc']] : pairs;
  return (left, right) => {
    for (const [name, direction] of columns) {
      const column = ALIASES.get(String(name)) ?? String(name);
      const difference = compareValues(left[column], right[column]);
      if (difference !== 0) return direction === 'desc' ? -difference : difference;
    }
    return compareValues(left['id'], right['id']);
  };
}

function rowLimit(limit: unknown): number {
  const asked = numberOr(limit, MAX_ROWS);
  return asked >= 1 ? Math.min(asked, MAX_ROWS) : MAX_ROWS;
}

/** The two-letter code; a query by region matches nothing. */
function countryOf(row: Row): string | undefined {
  const place = row['geolocation'];
  return typeof place === 'string' ? place.slice(-2) : undefined;
}

function thousandth(value: unknown): number | undefined {
  return typeof value === 'number' ? value / 1_000 : undefined;
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}
