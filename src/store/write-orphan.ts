import type { Transaction } from 'kysely';
import type { BrokerEvent } from '../domain/events.ts';
import type { Orphan } from '../domain/orphan.ts';
import { toOrphanRow } from './orphan-rows.ts';
import type { Tables } from './tables.ts';
import { insertEvents } from './write-session.ts';

export async function saveOrphan(
  trx: Transaction<Tables>,
  orphan: Orphan,
  events: readonly BrokerEvent[],
): Promise<'saved' | 'stale'> {
  const isWritten = await (orphan.version === 0 ? insert(trx, orphan) : replace(trx, orphan));
  if (!isWritten) return 'stale';
  await insertEvents(trx, events);
  return 'saved';
}

export async function dropOrphan(
  trx: Transaction<Tables>,
  orphan: Orphan,
  events: readonly BrokerEvent[],
): Promise<'dropped' | 'stale'> {
  const removed = await trx
    .deleteFrom('orphans')
    .where('id', '=', orphan.id)
    .where('version', '=', orphan.version)
    .executeTakeFirst();
  if (removed.numDeletedRows === 0n) return 'stale';
  await insertEvents(trx, events);
  return 'dropped';
}

/** One instance under two ids is no late writer but a mistake, and fails. */
async function insert(trx: Transaction<Tables>, orphan: Orphan): Promise<boolean> {
  const inserted = await trx
    .insertInto('orphans')
    .values(toOrphanRow({ ...orphan, version: 1 }))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

async function replace(trx: Transaction<Tables>, orphan: Orphan): Promise<boolean> {
  const { id, ...fields } = toOrphanRow({ ...orphan, version: orphan.version + 1 });
  const updated = await trx
    .updateTable('orphans')
    .set(fields)
    .where('id', '=', id)
    .where('version', '=', orphan.version)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}
