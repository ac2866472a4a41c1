import { isObject, type JsonObject, json, parseJson } from '../json.ts';
import type { SimInstance, SimMs, SimReply } from '../model.ts';
import type { Desk } from './desk.ts';
import { failure, invalidToken } from './errors.ts';
import type { Row } from './wire.ts';

const DEFAULT_ROWS = 100;
const MAX_ROWS = 500;
const MICRO_PER_DOLLAR = 1_000_000;

/** `GET /api/v0/charges/`: what each instance came to in the time that is asked for, ended ones too (§13.2). */
export function listCharges(desk: Desk, query: URLSearchParams): SimReply {
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
  const rows = wantsInstances(filters) ? chargesWithin(desk, days) : [];
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

function chargesWithin(desk: Desk, days: Days): Row[] {
  return desk.market
    .instances()
    .filter((instance) => instance.market === 'vastai')
    .flatMap((instance) => {
      const life = lifeWithin(desk, instance, days);
      if (!life) return [];
      return desk.quirks.chargesAs === 'days'
        ? dayRows(desk, instance, { life, days })
        : [wholeRow(desk, instance, life)];
    });
}

interface Stretch {
  readonly from: SimMs;
  readonly to: SimMs;
}

function lifeWithin(
  { market }: Desk,
  { createdAt, goneAt }: SimInstance,
  { fromMs, toMs }: Days,
): Stretch | undefined {
  const to = Math.min(goneAt ?? market.clock.now(), toMs);
  return to < fromMs || createdAt > toMs ? undefined : { from: Math.max(createdAt, fromMs), to };
}

function wholeRow(desk: Desk, instance: SimInstance, life: Stretch): Row {
  return chargeRow(instance, {
    start: life.from,
    end: life.to,
    about: `Instance ${instance.id} Charges`,
    parts: partsOf(desk, instance, life),
  });
}

const DAY_MS = 86_400_000;

/** A row for each day (UTC) that begins within the days asked for, to a tenth of a cent. */
function dayRows(
  desk: Desk,
  instance: SimInstance,
  { life, days }: { readonly life: Stretch; readonly days: Days },
): Row[] {
  const rows: Row[] = [];
  const first = Math.floor(instance.createdAt / DAY_MS) * DAY_MS;
  for (let day = first; day <= life.to; day += DAY_MS) {
    if (day < days.fromMs || day > days.toMs) continue;
    const parts = partsOf(desk, instance, { from: day, to: day + DAY_MS });
    const about = `Instance ${instance.id} Charges - 1 day`;
    rows.push(
      chargeRow(instance, { start: day, end: day, about, parts: parts.map(toThousandths) }),
    );
  }
  return rows;
}

interface Part {
  readonly type: string;
  readonly amount: number;
}

function toThousandths({ type, amount }: Part): Part {
  return { type, amount: Math.round(amount * 1_000) / 1_000 };
}

function partsOf({ market }: Desk, { id }: SimInstance, { from, to }: Stretch): readonly Part[] {
  const bill = market.billWithin(id, from, to);
  const traffic = market.trafficWithin(id, from, to);
  return [
    { type: 'gpu', amount: bill.gpu / MICRO_PER_DOLLAR },
    { type: 'disk', amount: bill.disk / MICRO_PER_DOLLAR },
    { type: 'bwd', amount: traffic.down / MICRO_PER_DOLLAR },
    { type: 'bwu', amount: traffic.up / MICRO_PER_DOLLAR },
  ];
}

interface Charge {
  readonly start: SimMs;
  readonly end: SimMs;
  readonly about: string;
  readonly parts: readonly Part[];
}

/** Whole micro-dollars are added up, so that no binary tail shows. */
function chargeRow(instance: SimInstance, { start, end, about, parts }: Charge): Row {
  const microUsd = parts.reduce(
    (sum, { amount }) => sum + Math.round(amount * MICRO_PER_DOLLAR),
    0,
  );
  return {
    start: start / 1_000,
    end: end / 1_000,
    type: 'instance',
    source: `instance-${instance.id}`,
    description: about,
    amount: microUsd / MICRO_PER_DOLLAR,
    metadata: { label: instance.label, template_id: null },
    items: parts.map(item),
  };
}

function item({ type, amount }: Part): Row {
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
