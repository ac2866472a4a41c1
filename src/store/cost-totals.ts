import type { Transaction } from 'kysely';
import type { MicroUsd, Span } from '../domain/money.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { CostQuery, CostRow, CostSums } from '../ports/store.ts';
import { sumLines } from './cost-lines.ts';
import { readCosts, unsettledLines } from './cost-reading.ts';
import { EVERYBODY, settleCosts } from './cost-sums.ts';
import type { Tables } from './tables.ts';

/** Sessions from before there were sums that one question takes in: each keeps the other callers waiting for a moment. */
const SETTLED_AT_ONCE = 20;

/**
 * What {@link readCosts} would add up to, from the sums of the days for what is over and from the lines for what is not. A
 * window that cuts a day is added up from the lines alone.
 */
export async function readCostSums(
  trx: Transaction<Tables>,
  query: CostQuery,
  now: EpochMs,
): Promise<CostSums> {
  if (!isWholeDays(query.window)) return sumsOf(await readCosts(trx, query, now));
  await settleSome(trx);
  const open = sumsOf(sumLines(await unsettledLines(trx, query), query.window, now));
  const days = await readDays(trx, query);
  const sessions = await countSessions(trx, query);
  return {
    parts: [...open.parts, ...days],
    sessions: open.sessions + sessions,
  };
}

function isWholeDays({ from, to }: Span): boolean {
  return from % DAY_MS === 0 && to % DAY_MS === 0;
}

function sumsOf(rows: readonly CostRow[]): CostSums {
  return {
    parts: rows.map(({ sessionId: _one, ...part }) => part),
    sessions: new Set(rows.map(({ sessionId }) => sessionId)).size,
  };
}

async function settleSome(trx: Transaction<Tables>): Promise<void> {
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
