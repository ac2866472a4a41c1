import { sql, type Transaction } from 'kysely';
import type { Incident } from '../domain/incident.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ForgetEventsQuery, ForgottenEvents } from '../ports/store.ts';
import type { Tables } from './tables.ts';

interface Row {
  readonly id: number;
  readonly at: number;
  readonly sessionId: string | null;
  readonly open: 0 | 1 | null;
  readonly endedAt: number | null;
}

/**
 * Reads on in the order in which they were written, and looks no further once nothing is old enough. What a clock that was ahead has
 * dated later than now says nothing of what was written after it.
 */
export async function forgetEvents(
  trx: Transaction<Tables>,
  query: ForgetEventsQuery,
): Promise<ForgottenEvents> {
  const rows = await rowsAfter(trx, query);
  const old = rows.filter(({ at }) => at < query.before);
  const ofNoSessionBefore = await ofNoSessionUpTo(trx, query, old);
  const leaving = old
    .filter((row) => isNotNeeded(row, { ...query, ofNoSessionBefore }))
    .map(({ id }) => id);
  if (leaving.length > 0) await trx.deleteFrom('events').where('id', 'in', leaving).execute();
  const last = rows.at(-1);
  const areYoung = rows.every(({ at }) => at >= query.before && at <= query.now);
  const isThrough = rows.length < query.limit || areYoung;
  return { count: leaving.length, ...(last && !isThrough && { next: last.id }) };
}

/** What is told of incidents is looked up only where something may go: it is a look through all events of no session. */
async function ofNoSessionUpTo(
  trx: Transaction<Tables>,
  { lasting, ofNoSessionBefore }: ForgetEventsQuery,
  old: readonly Row[],
): Promise<EpochMs> {
  const mayGo = old.some(({ sessionId, at }) => sessionId === null && at < ofNoSessionBefore);
  if (!mayGo) return ofNoSessionBefore;
  const beginnings = await Promise.all(lasting.map((one) => beginningOf(trx, one)));
  return Math.min(ofNoSessionBefore, ...beginnings);
}

function rowsAfter(
  trx: Transaction<Tables>,
  { after, limit }: ForgetEventsQuery,
): Promise<readonly Row[]> {
  return trx
    .selectFrom('events as event')
    .leftJoin('sessions as session', 'session.id', 'event.sessionId')
    .select(['event.id', 'event.at', 'event.sessionId', 'session.open'])
    .select((of) => of.fn.coalesce('session.stoppedAt', 'session.expiresAt').as('endedAt'))
    .where('event.id', '>', after)
    .orderBy('event.id')
    .limit(limit)
    .execute();
}

/** A session's story is kept whole until all of it may go. */
function isNotNeeded({ at, sessionId, open, endedAt }: Row, query: ForgetEventsQuery): boolean {
  if (sessionId === null) return at < query.ofNoSessionBefore;
  return open === 0 && endedAt !== null && endedAt < query.before;
}

/** A process that starts anew tells of an incident anew: what it lasts since stands where it was first told of since it was last over. */
async function beginningOf(
  trx: Transaction<Tables>,
  { facts, place, since }: Incident,
): Promise<EpochMs> {
  const told = trx
    .selectFrom('events')
    .where('sessionId', 'is', null)
    .where(sql`json_extract(body, '$.incident.kind')`, '=', facts.kind)
    .where(sql`json_extract(body, '$.api')`, 'is', place?.api ?? null);
  const over = await told
    .select('id')
    .where('kind', '=', 'incident_cleared')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const first = await told
    .select('at')
    .where('kind', '=', 'incident_raised')
    .where('id', '>', over?.id ?? 0)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return Math.min(since, first?.at ?? since);
}
