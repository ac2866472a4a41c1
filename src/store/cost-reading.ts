import type { Transaction } from 'kysely';
import { ledgerTotal } from '../domain/billing.ts';
import type { CostEntry } from '../domain/cost-entry.ts';
import type { ProviderName, SessionId } from '../domain/ids.ts';
import { costWithin, type MicroUsd, type Span } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { CostQuery, CostRow } from '../ports/store.ts';
import { toCostEntry } from './instance-rows.ts';
import type { Tables } from './tables.ts';

export async function readCosts(
  trx: Transaction<Tables>,
  query: CostQuery,
  now: EpochMs,
): Promise<readonly CostRow[]> {
  const groups = new Map<string, ChargedGroup>();
  for (const line of await chargedLines(trx, query)) {
    const charged = { from: line.startedAt, to: Math.max(line.endedAt ?? now, line.startedAt) };
    const inside = clip(charged, query.window);
    if (inside.from < inside.to) addLine(groups, line, { charged, inside, window: query.window });
  }
  return [...groups.values()].map(({ spans, ...row }) => ({ ...row, billedMs: unionMs(spans) }));
}

/** Undefined when there is no such session. */
export async function readSessionCost(
  trx: Transaction<Tables>,
  id: SessionId,
  now: EpochMs,
): Promise<MicroUsd | undefined> {
  const session = await trx
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (!session) return undefined;
  const rows = await trx
    .selectFrom('costEntries')
    .selectAll()
    .where('sessionId', '=', id)
    .execute();
  return ledgerTotal(rows.map(toCostEntry), now);
}

interface ChargedLine {
  readonly sessionId: SessionId;
  readonly provider: ProviderName;
  readonly gpuType: string;
  readonly part: CostEntry['part'];
  readonly rateMicroUsdPerHour: CostEntry['rateMicroUsdPerHour'];
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | null;
}

interface ChargedGroup extends Omit<CostRow, 'cost' | 'billedMs'> {
  cost: MicroUsd;
  readonly spans: Span[];
}

interface Charge {
  readonly charged: Span;
  readonly inside: Span;
  readonly window: Span;
}

async function chargedLines(
  trx: Transaction<Tables>,
  { consumerId, window }: CostQuery,
): Promise<readonly ChargedLine[]> {
  const lines = trx
    .selectFrom('costEntries as line')
    .innerJoin('instances as instance', (join) =>
      join
        .onRef('instance.sessionId', '=', 'line.sessionId')
        .onRef('instance.place', '=', 'line.place'),
    )
    .innerJoin('sessions as session', 'session.id', 'line.sessionId')
    .select(['line.sessionId', 'instance.provider', 'instance.gpuType'])
    .select(['line.part', 'line.rateMicroUsdPerHour', 'line.startedAt', 'line.endedAt'])
    .where('line.startedAt', '<', window.to)
    .where((or) => or.or([or('line.endedAt', 'is', null), or('line.endedAt', '>', window.from)]))
    .orderBy('session.createdAt')
    .orderBy('line.sessionId')
    .orderBy('line.place')
    .orderBy('line.seq');
  return consumerId === undefined
    ? await lines.execute()
    : await lines.where('session.consumerId', '=', consumerId).execute();
}

function addLine(groups: Map<string, ChargedGroup>, line: ChargedLine, charge: Charge): void {
  const { sessionId, provider, gpuType } = line;
  const key = JSON.stringify([sessionId, provider, gpuType]);
  const group = groups.get(key) ?? { sessionId, provider, gpuType, cost: 0, spans: [] };
  group.cost += costWithin(line.rateMicroUsdPerHour, charge.charged, charge.window);
  // A disk that is kept, or that waits for its machine to boot, is paid for and not used.
  if (line.part === 'gpu') group.spans.push(charge.inside);
  groups.set(key, group);
}

function clip(span: Span, window: Span): Span {
  return { from: Math.max(span.from, window.from), to: Math.min(span.to, window.to) };
}

/** Length of all spans together, time that several cover counted once: a session's instances may overlap. */
function unionMs(spans: readonly Span[]): number {
  let totalMs = 0;
  let coveredTo = Number.NEGATIVE_INFINITY;
  for (const span of spans.toSorted((left, right) => left.from - right.from)) {
    totalMs += Math.max(0, span.to - Math.max(span.from, coveredTo));
    coveredTo = Math.max(coveredTo, span.to);
  }
  return totalMs;
}
