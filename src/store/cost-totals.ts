import type { Transaction } from 'kysely';
import type { MicroUsd, Span } from '../domain/money.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { CostQuery, CostRow, CostSums } from '../ports/store.ts';
import { type ChargedLine, sumLines } from './cost-lines.ts';
import { readCosts, unsettledLines } from './cost-reading.ts';
import { EVERYBODY, settleCosts } from './cost-sums.ts';
import type { Tables } from './tables.ts';

/** Sessions from before there were sums that one question takes in: each keeps the other callers waiting for a moment. */
const SETTLED_AT_ONCE = 20;

/** What costs are added up from at whatever moment: until somebody writes it stays the same. */
export interface CostBasis {
  /** Of what is not over. */
  readonly lines: readonly ChargedLine[];
  /** Of what is. */
  readonly days: CostSums;
  /** False while there are sessions that are over and in no sum yet: the next question takes in some of them. */
  readonly isSettled: boolean;
}

/** From the sums of the days for what is over and from the lines for what is not. For a window of whole days. */
export async function readCostBasis(
  trx: Transaction<Tables>,
  query: CostQuery,
): Promise<CostBasis> {
  const isSettled = (await settleSome(trx)) < SETTLED_AT_ONCE;
  const lines = await unsettledLines(trx, query);
  const parts = await readDays(trx, query);
  return { lines, days: { parts, sessions: await countSessions(trx, query) }, isSettled };
}

/** What {@link readCosts} would add up to. */
export function costSumsAt(basis: CostBasis, window: Span, now: EpochMs): CostSums {
  const { lines, days } = basis;
  const open = sumsOf(sumLines(lines, window, now));
  return {
    parts: [...open.parts, ...days.parts],
    sessions: open.sessions + days.sessions,
  };
}

/** A window that cuts a day is added up from the lines alone, all of them. */
export async function readCutCostSums(
  trx: Transaction<Tables>,
  query: CostQuery,
  now: EpochMs,
): Promise<CostSums> {
  return sumsOf(await readCosts(trx, query, now));
}

export function isWholeDays({ from, to }: Span): boolean {
  return from % DAY_MS === 0 && to % DAY_MS === 0;
}

function sumsOf(rows: readonly CostRow[]): CostSums {
  return {
    parts: rows.map(({ sessionId: _one, ...part }) => part),
    sessions: new Set(rows.map(({ sessionId }) => sessionId)).size,
  };
}

async function settleSome(trx: Transaction<Tables>): Promise<number> {
  const over = await trx
    .selectFrom('unsettledCosts as unsettled')
    .select('sessionId as id')
    .where((any) => {
      const session = any
        .selectFrom('sessions')
        .select('id')
        .whereRef('sessions.id', '=', 'unsettled.sessionId')
        .where('open', '=', 0);
      const openLine = any
        .selectFrom('costEntries')
        .select('seq')
        .whereRef('costEntries.sessionId', '=', 'unsettled.sessionId')
        .where('endedAt', 'is', null);
      return any.and([any.exists(session), any.not(any.exists(openLine))]);
    })
    .limit(SETTLED_AT_ONCE)
    .execute();
  for (const { id } of over) await settleCosts(trx, id);
  return over.length;
}

async function readDays(
  trx: Transaction<Tables>,
  { consumerId = EVERYBODY, window }: CostQuery,
): Promise<CostSums['parts']> {
  return trx
    .selectFrom('costDays')
    .select(['provider', 'gpuType'])
    .select((sum) => [
      sum.fn.sum<MicroUsd>('cost').as('cost'),
      sum.fn.sum<number>('billedMs').as('billedMs'),
    ])
    .where('consumerId', '=', consumerId)
    .where('day', '>=', window.from)
    .where('day', '<', window.to)
    .where('parts', '>', 0)
    .groupBy(['provider', 'gpuType'])
    .execute();
}

async function countSessions(
  trx: Transaction<Tables>,
  { consumerId = EVERYBODY, window }: CostQuery,
): Promise<number> {
  const counted = await trx
    .selectFrom('sessionDays')
    .select((sum) => sum.fn.sum<number | null>('sessions').as('sessions'))
    .where('consumerId', '=', consumerId)
    .where('day', '>=', window.from)
    .where('day', '<', window.to)
    .where('previousDay', '<', window.from)
    .executeTakeFirst();
  return counted?.sessions ?? 0;
}
