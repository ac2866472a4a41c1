import type { Insertable, Transaction } from 'kysely';
import type { BrokerEvent } from '../domain/events.ts';
import type { Session } from '../domain/session.ts';
import { noteUnsettled, settleCosts, unsettleCosts } from './cost-sums.ts';
import { toCostRows, toInstanceRow } from './instance-rows.ts';
import { readyStatement } from './ready-statement.ts';
import { toSessionRow } from './session-rows.ts';
import { StoreError } from './store-error.ts';
import type { CostEntryTable, InstanceTable, SessionTable, Tables } from './tables.ts';

/** What every step of every session says. */
const addSession = readyStatement((trx, row: SessionTable) =>
  trx.insertInto('sessions').values(row),
);
const changeSession = readyStatement(
  (trx, { id, versionBefore, ...row }: SessionTable & { readonly versionBefore: number }) =>
    trx.updateTable('sessions').set(row).where('id', '=', id).where('version', '=', versionBefore),
);
const addInstance = readyStatement((trx, row: InstanceTable) =>
  trx.insertInto('instances').values(row),
);
const dropInstances = readyStatement((trx, { id }: Pick<Session, 'id'>) =>
  trx.deleteFrom('instances').where('sessionId', '=', id),
);
const addCostEntry = readyStatement((trx, row: CostEntryTable) =>
  trx.insertInto('costEntries').values(row),
);
const addEvent = readyStatement((trx, row: Insertable<Tables['events']>) =>
  trx.insertInto('events').values(row),
);

export async function insertSession(trx: Transaction<Tables>, session: Session): Promise<void> {
  const row = toSessionRow(session);
  await addSession(trx, row);
  await insertInstances(trx, session);
  await noteUnsettled(trx, session.id);
  if (isOver(row, session)) await settleCosts(trx, session.id);
}

/** True when the stored version was `session.version`; otherwise nothing is written. */
export async function replaceSession(trx: Transaction<Tables>, session: Session): Promise<boolean> {
  const row = toSessionRow({ ...session, version: session.version + 1 });
  const { id, ...fields } = row;
  const changed = await changeSession(trx, { ...fields, id, versionBefore: session.version });
  if (changed.numAffectedRows === 0n) return false;
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
  for (const event of events) {
    await addEvent(trx, {
      at: event.at,
      kind: event.kind,
      sessionId: 'sessionId' in event ? event.sessionId : null,
      body: JSON.stringify(event),
    });
  }
}

/** An instance that was once written down is never forgotten: it may still exist, and it cost money. */
async function removeInstances(trx: Transaction<Tables>, session: Session): Promise<void> {
  const { numAffectedRows: removed = 0n } = await dropInstances(trx, { id: session.id });
  if (removed > BigInt(session.instances.length)) {
    throw new StoreError(
      'failed',
      `Session ${session.id} has ${removed} instances in the store and cannot be saved with ${session.instances.length}.`,
    );
  }
}

async function insertInstances(trx: Transaction<Tables>, { instances }: Session): Promise<void> {
  for (const row of instances.map(toInstanceRow)) await addInstance(trx, row);
  for (const line of instances.flatMap(toCostRows)) await addCostEntry(trx, line);
}
