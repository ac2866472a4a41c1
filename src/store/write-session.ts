import type { Transaction } from 'kysely';
import type { BrokerEvent } from '../domain/events.ts';
import type { Session } from '../domain/session.ts';
import { noteUnsettled, settleCosts, unsettleCosts } from './cost-sums.ts';
import { toCostRows, toInstanceRow } from './instance-rows.ts';
import { toSessionRow } from './session-rows.ts';
import { StoreError } from './store-error.ts';
import type { SessionTable, Tables } from './tables.ts';

/** Rows written with one statement; keeps far below the 32,766 values that a statement takes. */
const BATCH = 500;

export async function insertSession(trx: Transaction<Tables>, session: Session): Promise<void> {
  const row = toSessionRow(session);
  await trx.insertInto('sessions').values(row).execute();
  await insertInstances(trx, session);
  await noteUnsettled(trx, session.id);
  if (isOver(row, session)) await settleCosts(trx, session.id);
}

/** True when the stored version was `session.version`; otherwise nothing is written. */
export async function replaceSession(trx: Transaction<Tables>, session: Session): Promise<boolean> {
  const row = toSessionRow({ ...session, version: session.version + 1 });
  const { id, ...fields } = row;
  const updated = await trx
    .updateTable('sessions')
    .set(fields)
    .where('id', '=', id)
    .where('version', '=', session.version)
    .executeTakeFirst();
  if (updated.numUpdatedRows === 0n) return false;
  await unsettleCosts(trx, id);
  await removeInstances(trx, session);
  await insertInstances(trx, session);
  if (isOver(row, session)) await settleCosts(trx, id);
  return true;
}

/** Nobody looks after it any more, and nothing that it cost can still grow. */
function isOver({ open }: Pick<SessionTable, 'open'>, { instances }: Session): boolean {
  const lines = instances.flatMap(({ costs }) => costs);
  return open === 0 && lines.every(({ endedAt }) => endedAt !== undefined);
}

export async function insertEvents(
  trx: Transaction<Tables>,
  events: readonly BrokerEvent[],
): Promise<void> {
  const rows = events.map((event) => ({
    at: event.at,
    kind: event.kind,
    sessionId: 'sessionId' in event ? event.sessionId : null,
    body: JSON.stringify(event),
  }));
  for (const batch of batches(rows)) await trx.insertInto('events').values(batch).execute();
}

/** An instance that was once written down is never forgotten: it may still exist, and it cost money. */
async function removeInstances(trx: Transaction<Tables>, session: Session): Promise<void> {
  const removed = await trx
    .deleteFrom('instances')
    .where('sessionId', '=', session.id)
    .executeTakeFirst();
  if (removed.numDeletedRows > BigInt(session.instances.length)) {
    throw new StoreError(
      'failed',
      `Session ${session.id} has ${removed.numDeletedRows} instances in the store and cannot be saved with ${session.instances.length}.`,
    );
  }
}

async function insertInstances(trx: Transaction<Tables>, session: Session): Promise<void> {
  const instances = session.instances.map(toInstanceRow);
  for (const batch of batches(instances)) await trx.insertInto('instances').values(batch).execute();
  const lines = session.instances.flatMap(toCostRows);
  for (const batch of batches(lines)) await trx.insertInto('costEntries').values(batch).execute();
}

function* batches<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH);
}
