import { isObject, json, parseJson } from '../json.ts';
import type { SimReply } from '../model.ts';
import type { Desk } from './desk.ts';
import { badSearchKey, failure, invalidBody, invalidToken } from './errors.ts';
import { instanceRow } from './instance-row.ts';
import { type Columns, compareValues, readFilters } from './query-operators.ts';
import { type Read, type Row, read, refused } from './wire.ts';

const MAX_ROWS = 25;
const ROWS_FOR_NONSENSE = 5;

/** Columns that are stored with the contract; only these can be asked for or ordered by (§8.1). */
const STORED_COLUMNS = new Set([
  'id',
  'machine_id',
  'host_id',
  'label',
  'actual_status',
  'intended_status',
  'cur_state',
  'next_state',
  'gpu_name',
  'verification',
  'image_uuid',
  'start_date',
  'end_date',
]);

const LIST_COLUMNS: Columns = {
  find: (name) => (STORED_COLUMNS.has(name) ? (row) => row[name] : undefined),
  unknown: 'refused',
  allows: (name, operator) => name !== 'label' || operator === 'eq' || operator === 'in',
};

interface Ordering {
  readonly column: string;
  readonly isDescending: boolean;
}

/** Since July 2026 the old list is gone (§8.2). */
export function deprecatedList(): SimReply {
  return failure(410, 'deprecated_endpoint', {
    msg: 'This endpoint is deprecated. Use GET /api/v1/instances/ instead.',
  });
}

/** `GET /api/v1/instances/`: one page of what the lists of this moment show (§8.1). */
export function listInstances(desk: Desk, query: URLSearchParams): SimReply {
  const filters = readListFilters(query.get('select_filters'));
  if (filters.kind === 'refused') return filters.reply;
  const order = readOrder(query.get('order_by'));
  if (order.kind === 'refused') return order.reply;
  const after = readToken(query.get('after_token'), order.value);
  if (after.kind === 'refused') return after.reply;
  const limit = readLimit(query.get('limit'));
  if (limit.kind === 'refused') return limit.reply;

  const matching = desk.market
    .listed('vastai')
    .map((instance) => instanceRow(desk, instance))
    .filter(filters.value)
    .sort((left, right) => compareRows(left, right, order.value));
  const rest = matching.filter((row) => isAfter(row, after.value, order.value));
  const page = rest.slice(0, limit.value);
  return json(200, {
    success: true,
    instances_found: page.length,
    total_instances: matching.length,
    label_counts: countLabels(matching),
    next_token: rest.length > page.length ? tokenOf(page.at(-1), order.value) : null,
    // Seen: an account without instances gets null where the rows would be.
    instances: matching.length === 0 ? null : page.map(selection(query.get('select_cols'))),
  });
}

function readListFilters(source: string | null): Read<(row: Row) => boolean> {
  if (source === null) return read(() => true);
  const filters = parseJson(source);
  return isObject(filters) ? readFilters(filters, LIST_COLUMNS) : refused(invalidBody());
}

/** The id is always the last to order by, so that no two rows are equal. */
function readOrder(source: string | null): Read<readonly Ordering[]> {
  const asked = source === null ? [] : parseJson(source);
  if (!Array.isArray(asked)) return refused(invalidBody());
  const order: Ordering[] = [];
  for (const entry of asked) {
    const column = isObject(entry) ? String(entry['col']) : String(entry);
    if (!STORED_COLUMNS.has(column)) return refused(badSearchKey(column));
    order.push({ column, isDescending: isObject(entry) && entry['dir'] === 'desc' });
  }
  return read([...order, { column: 'id', isDescending: false }]);
}

function readLimit(source: string | null): Read<number> {
  if (source === null) return read(MAX_ROWS);
  const limit = Number(source);
  if (!Number.isInteger(limit)) {
    return refused(failure(400, 'invalid_request', { msg: 'Error in query parameters: limit' }));
  }
  return read(limit <= 0 ? ROWS_FOR_NONSENSE : Math.min(limit, MAX_ROWS));
}

/** A cursor holds the ordering values of the last row shown, so that rows that come or go shift no page. */
function tokenOf(row: Row | undefined, order: readonly Ordering[]): string {
  const values = Object.fromEntries(order.map(({ column }) => [column, row?.[column] ?? null]));
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

function readToken(token: string | null, order: readonly Ordering[]): Read<Row | undefined> {
  if (token === null) return read(undefined);
  const values = parseJson(Buffer.from(token, 'base64url').toString());
  const fits = isObject(values) && order.every(({ column }) => Object.hasOwn(values, column));
  return fits ? read(values) : refused(invalidToken());
}

function isAfter(row: Row, last: Row | undefined, order: readonly Ordering[]): boolean {
  return last === undefined || compareRows(row, last, order) > 0;
}

function compareRows(left: Row, right: Row, order: readonly Ordering[]): number {
  for (const { column, isDescending } of order) {
    const difference = compareValues(left[column], right[column]);
    if (difference !== 0) return isDescending ? -difference : difference;
  }
  return 0;
}

/** Instances without a label are counted under the empty one. */
function countLabels(rows: readonly Row[]): Row {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const label = String(row['label'] ?? '');
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Columns that nobody knows come back null. */
function selection(source: string | null): (row: Row) => Row {
  const columns = source === null ? ['*'] : parseJson(source);
  if (!Array.isArray(columns) || columns.includes('*')) return (row) => row;
  return (row) =>
    Object.fromEntries(columns.map(String).map((column) => [column, row[column] ?? null]));
}
