import type { Transaction } from 'kysely';
import { ledgerTotal } from '../domain/billing.ts';
import type { SessionId } from '../domain/ids.ts';
import type { MicroUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { CostQuery, CostRow } from '../ports/store.ts';
import { type ChargedLine, sumLines } from './cost-lines.ts';
import { toCostEntry } from './instance-rows.ts';
import type { Tables } from './tables.ts';

export async function readCosts(
  trx: Transaction<Tables>,
  query: CostQuery,
  now: EpochMs,
): Promise<readonly CostRow[]> {
  return sumLines(await chargedLines(trx, query), query.window, now);
}

/** Undefined when there never was such a session. */
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
  if (!session) return readPastCost(trx, id);
  const rows = await trx
    .selectFrom('costEntries')
    .selectAll()
    .where('sessionId', '=', id)
    .execute();
  return ledgerTotal(rows.map(toCostEntry), now);
}

async function readPastCost(
  trx: Transaction<Tables>,
  id: SessionId,
): Promise<MicroUsd | undefined> {
  const past = await trx
    .selectFrom('pastSessions')
    .select('cost')
    .where('id', '=', id)
    .executeTakeFirst();
  return past?.cost;
}

/** All lines of one session, and whose it is. */
export async function linesOfSession(
  trx: Transaction<Tables>,
  id: SessionId,
): Promise<{ readonly consumerId: string; readonly lines: readonly ChargedLine[] }> {
  const { consumerId } = await trx
    .selectFrom('sessions')
    .select('consumerId')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const lines = await withInstances(trx).where('line.sessionId', '=', id).execute();
  return { consumerId, lines };
}

/**
 * The lines of those sessions that are in no sum, also outside the window: they are few, and SQLite would look for those
 * inside it among all lines that there are.
 */
export async function unsettledLines(
  trx: Transaction<Tables>,
  { consumerId }: CostQuery,
): Promise<readonly ChargedLine[]> {
  return withInstances(trx)
    .where('line.sessionId', 'in', (all) =>
      all
        .selectFrom('unsettledCosts as unsettled')
        .select('unsettled.sessionId')
        .$if(consumerId !== undefined, (some) =>
          some.where((session) =>
            session.exists(
              session
                .selectFrom('sessions')
                .select('id')
                .whereRef('id', '=', 'unsettled.sessionId')
                .where('consumerId', '=', consumerId ?? ''),
            ),
          ),
        ),
    )
    .execute();
}

function withInstances(trx: Transaction<Tables>) {
  return trx
    .selectFrom('costEntries as line')
    .innerJoin('instances as instance', (join) =>
      join
        .onRef('instance.sessionId', '=', 'line.sessionId')
        .onRef('instance.place', '=', 'line.place'),
    )
    .select(['line.sessionId', 'instance.provider', 'instance.gpuType'])
    .select(['line.part', 'line.rateMicroUsdPerHour', 'line.startedAt', 'line.endedAt']);
}

async function chargedLines(
  trx: Transaction<Tables>,
  { consumerId, window }: CostQuery,
): Promise<readonly ChargedLine[]> {
  const lines = withInstances(trx)
    .innerJoin('sessions as session', 'session.id', 'line.sessionId')
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
