import type { ExpressionBuilder, Transaction } from 'kysely';
import type { SessionId } from '../domain/ids.ts';
import type { ForgetSessionsQuery, ForgottenSessions } from '../ports/store.ts';
import { readSessionCost } from './cost-reading.ts';
import { settleCosts } from './cost-sums.ts';
import type { Tables } from './tables.ts';

/** Events of one session that go with one step; of one that has more, the rest goes with the next. */
const MAX_EVENTS = 500;

interface Leaving {
  readonly id: SessionId;
  readonly consumerId: string;
  readonly createdAt: number;
  readonly stoppedAt: number | null;
}

/** Which ones were removed. Nothing of what they cost is lost by it. */
export async function forgetSessions(
  trx: Transaction<Tables>,
  query: ForgetSessionsQuery,
): Promise<ForgottenSessions> {
  const ids: SessionId[] = [];
  for (const session of await notNeeded(trx, query)) {
    if (!(await removeEvents(trx, session.id))) return { ids, isMoreDue: true };
    await keepCost(trx, session, query.now);
    await removeRows(trx, session.id);
    ids.push(session.id);
  }
  return { ids, isMoreDue: ids.length === query.limit };
}

/** Each condition is one thing that a session is still needed for, whatever its age. */
function notNeeded(
  trx: Transaction<Tables>,
  { endedBefore, now, bills, limit }: ForgetSessionsQuery,
): Promise<readonly Leaving[]> {
  return trx
    .selectFrom('sessions as session')
    .select(['session.id', 'session.consumerId', 'session.createdAt', 'session.stoppedAt'])
    .where('session.createdAt', '<', endedBefore)
    .where((of) => of(of.fn.coalesce('session.stoppedAt', 'session.expiresAt'), '<', endedBefore))
    .where('session.open', '=', 0)
    .where((of) => of.not(of.exists(machinesGoneSince(of, endedBefore))))
    .where((of) => of.not(of.exists(runningMeters(of))))
    .where((of) => of.not(of.exists(claims(of, now))))
    .where((of) => of.not(of.exists(machinesWithoutBill(of, bills))))
    .where((of) => of.not(of.exists(orphansUnderItsTags(of))))
    .orderBy('session.createdAt')
    .orderBy('session.id')
    .limit(limit)
    .execute();
}

type OfSession = ExpressionBuilder<Tables & { readonly session: Tables['sessions'] }, 'session'>;

/** A stray may be found, and ended, long after its session. */
function machinesGoneSince(of: OfSession, at: number) {
  return of
    .selectFrom('instances as machine')
    .select('machine.place')
    .whereRef('machine.sessionId', '=', 'session.id')
    .where('machine.goneAt', '>=', at);
}

function runningMeters(of: OfSession) {
  return of
    .selectFrom('costEntries as line')
    .select('line.seq')
    .whereRef('line.sessionId', '=', 'session.id')
    .where('line.endedAt', 'is', null);
}

/** The same request may come again, and is to be answered with this session. */
function claims(of: OfSession, now: number) {
  return of
    .selectFrom('idempotencyKeys as claim')
    .select('claim.key')
    .whereRef('claim.sessionId', '=', 'session.id')
    .where('claim.expiresAt', '>', now);
}

/** What the provider charged for it is still asked for, or may still change. */
function machinesWithoutBill(of: OfSession, { goneAfter, settleMs }: ForgetSessionsQuery['bills']) {
  return of
    .selectFrom('instances as machine')
    .leftJoin('providerCharges as charge', (join) =>
      join
        .onRef('charge.provider', '=', 'machine.provider')
        .onRef('charge.providerInstanceId', '=', 'machine.providerInstanceId'),
    )
    .select('machine.place')
    .whereRef('machine.sessionId', '=', 'session.id')
    .where('machine.goneAt', '>', goneAfter)
    .where('machine.providerInstanceId', 'is not', null)
    .where((bill) =>
      bill.or([
        bill('charge.readAt', 'is', null),
        bill('charge.readAt', '<', bill('machine.goneAt', '+', settleMs)),
      ]),
    );
}

/** That a machine was ours, and is nobody's any more, follows from the session. */
function orphansUnderItsTags(of: OfSession) {
  return of
    .selectFrom('instances as machine')
    .innerJoin('orphans as orphan', 'orphan.tag', 'machine.tag')
    .select('machine.place')
    .whereRef('machine.sessionId', '=', 'session.id');
}

/** False while some are left. */
async function removeEvents(trx: Transaction<Tables>, sessionId: SessionId): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('events')
    .where('id', 'in', (some) =>
      some.selectFrom('events').select('id').where('sessionId', '=', sessionId).limit(MAX_EVENTS),
    )
    .executeTakeFirstOrThrow();
  return numDeletedRows < MAX_EVENTS;
}

async function keepCost(trx: Transaction<Tables>, session: Leaving, now: number): Promise<void> {
  const { id, consumerId, createdAt, stoppedAt } = session;
  const unsettled = await trx
    .selectFrom('unsettledCosts')
    .select('sessionId')
    .where('sessionId', '=', id)
    .executeTakeFirst();
  if (unsettled) await settleCosts(trx, id);
  const cost = (await readSessionCost(trx, id, now)) ?? 0;
  await trx
    .insertInto('pastSessions')
    .values({ id, consumerId, createdAt, stoppedAt: stoppedAt ?? createdAt, cost })
    .execute();
}

async function removeRows(trx: Transaction<Tables>, id: SessionId): Promise<void> {
  await trx.deleteFrom('activity').where('sessionId', '=', id).execute();
  await trx.deleteFrom('idempotencyKeys').where('sessionId', '=', id).execute();
  // Their ledger lines go with them.
  await trx.deleteFrom('instances').where('sessionId', '=', id).execute();
  await trx.deleteFrom('sessions').where('id', '=', id).execute();
}
