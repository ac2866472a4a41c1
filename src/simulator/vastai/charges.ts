import { isObject, type JsonObject, json, parseJson } from '../json.ts';
import type { Marketplace, SimInstance, SimReply } from '../model.ts';
import { failure, invalidToken } from './errors.ts';
import type { Row } from './wire.ts';

const DEFAULT_ROWS = 100;
const MAX_ROWS = 500;
const MICRO_PER_DOLLAR = 1_000_000;

/** `GET /api/v0/charges/`: one row an instance, from its start until now or its end (§13.2). */
export function listCharges(market: Marketplace, query: URLSearchParams): SimReply {
  const filters = parseJson(query.get('select_filters') ?? '{}');
  const days = isObject(filters) ? readDays(filters) : undefined;
  if (!isObject(filters) || !days) {
    return json(400, {
      success: false,
      msg: "Must provide both 'day' gte and lte filters for instance charges",
    });
  }
  const start = readOffset(query.get('after_token'));
  const limit = readLimit(query.get('limit'));
  if (start === undefined) return invalidToken();
  if (limit === undefined) return failure(400, 'invalid_request', { msg: 'Invalid limit' });
  const rows = wantsInstances(filters) ? chargesWithin(market, days) : [];
  if (query.get('latest_first') === 'true') rows.reverse();
  const page = rows.slice(start, start + limit);
  const isMore = start + limit < rows.length;
  return json(200, {
    success: true,
    count: page.length,
    total: rows.length,
    next_token: isMore ? tokenFor(start + limit) : null,
    results: page,
  });
}

interface Days {
  readonly fromMs: number;
  readonly toMs: number;
}

function readDays(filters: JsonObject): Days | undefined {
  const day = filters['day'];
  if (!isObject(day)) return undefined;
  const { gte, lte } = day;
  if (typeof gte !== 'number' || typeof lte !== 'number') return undefined;
  return { fromMs: gte * 1_000, toMs: lte * 1_000 };
}

/** Volumes and serverless cost nothing here: a query for them alone finds nothing. */
function wantsInstances(filters: JsonObject): boolean {
  const type = filters['type'];
  if (!isObject(type)) return true;
  return (
    type['eq'] === 'instance' || (Array.isArray(type['in']) && type['in'].includes('instance'))
  );
}

function chargesWithin(market: Marketplace, days: Days): Row[] {
  const now = market.clock.now();
  return market
    .instances()
    .filter((instance) => instance.market === 'vastai')
    .filter(({ createdAt, goneAt }) => createdAt <= days.toMs && (goneAt ?? now) >= days.fromMs)
    .map((instance) => chargeRow(market, instance));
}

function chargeRow(market: Marketplace, instance: SimInstance): Row {
  const bill = market.bill(instance.id);
  const gpu = bill.gpu / MICRO_PER_DOLLAR;
  const disk = bill.disk / MICRO_PER_DOLLAR;
  return {
    start: instance.createdAt / 1_000,
    end: (instance.goneAt ?? market.clock.now()) / 1_000,
    type: 'instance',
    source: `instance-${instance.id}`,
    description: `Instance ${instance.id} Charges`,
    amount: (bill.gpu + bill.disk) / MICRO_PER_DOLLAR,
    metadata: { label: instance.label, template_id: null },
    items: [item('gpu', gpu), item('disk', disk), item('bwd', 0), item('bwu', 0)],
  };
}

function item(type: string, amount: number): Row {
  return { type, description: `${type} $${amount.toFixed(6)}`, amount, items: [] };
}

function readLimit(source: string | null): number | undefined {
  const limit = source === null ? DEFAULT_ROWS : Number(source);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, MAX_ROWS) : undefined;
}

function tokenFor(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString('base64url');
}

function readOffset(token: string | null): number | undefined {
  if (token === null) return 0;
  const values = parseJson(Buffer.from(token, 'base64url').toString());
  const offset = isObject(values) ? values['offset'] : undefined;
  return typeof offset === 'number' ? offset : undefined;
}
