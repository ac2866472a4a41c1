import type { Selectable, Transaction } from 'kysely';
import type { CostEntry } from '../domain/cost-entry.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import type { Session } from '../domain/session.ts';
import { toCostEntry, toInstance } from './instance-rows.ts';
import { toSession } from './session-rows.ts';
import type { SessionTable, Tables } from './tables.ts';

/** Sessions whose parts are fetched with one statement; keeps far below the 32,766 values that a statement takes. */
const BATCH = 500;

/** The rows as whole sessions, in the rows' order. */
export async function loadSessions(
  trx: Transaction<Tables>,
  rows: readonly Selectable<SessionTable>[],
): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const instances = await loadInstances(
      trx,
      batch.map((row) => row.id),
    );
    sessions.push(...batch.map((row) => toSession(row, instances.get(row.id) ?? [])));
  }
  return sessions;
}

async function loadInstances(
  trx: Transaction<Tables>,
  ids: readonly SessionId[],
): Promise<ReadonlyMap<SessionId, readonly Instance[]>> {
  const costs = await loadCosts(trx, ids);
  const rows = await trx
    .selectFrom('instances')
    .selectAll()
    .where('sessionId', 'in', ids)
    .orderBy('sessionId')
    .orderBy('place')
    .execute();
  const bySession = new Map<SessionId, Instance[]>();
  for (const row of rows) {
    const instance = toInstance(row, costs.get(placeKey(row)) ?? []);
    push(bySession, row.sessionId, instance);
  }
  return bySession;
}

async function loadCosts(
  trx: Transaction<Tables>,
  ids: readonly SessionId[],
): Promise<ReadonlyMap<string, readonly CostEntry[]>> {
  const rows = await trx
    .selectFrom('costEntries')
    .selectAll()
    .where('sessionId', 'in', ids)
    .orderBy('sessionId')
    .orderBy('place')
    .orderBy('seq')
    .execute();
  const byPlace = new Map<string, CostEntry[]>();
  for (const row of rows) push(byPlace, placeKey(row), toCostEntry(row));
  return byPlace;
}

function placeKey(row: { readonly sessionId: SessionId; readonly place: number }): string {
  return `${row.sessionId}#${row.place}`;
}

function push<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
