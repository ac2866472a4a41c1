import type { Transaction } from 'kysely';
import type { ActivityRecord } from '../domain/activity/activity.ts';
import type { SessionId } from '../domain/ids.ts';
import { DAY_MS } from '../domain/time.ts';
import { MAX_ACTIVITY } from '../ports/store.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { parseActivity } from './stored-json.ts';
import type { Tables } from './tables.ts';

/** A session's older rows are swept out once in so many of its writes: finding them takes longer than a write. */
const WRITES_PER_SWEEP = 50;
const MAX_COUNTED = 20_000;
/** Nobody asks after this why a session was ended. */
const KEPT_MS = 7 * DAY_MS;

/** Writes activity down, and keeps the table small. */
export function activityWriter() {
  const writes = new BoundedMap<SessionId, number>(MAX_COUNTED);
  return async (trx: Transaction<Tables>, record: ActivityRecord): Promise<void> => {
    const { sessionId, at, source, ...rest } = record;
    const body = JSON.stringify(rest);
    await trx
      .insertInto('activity')
      .values({ sessionId, at, source, body })
      .onConflict((conflict) =>
        conflict.columns(['sessionId', 'at', 'source']).doUpdateSet({ body }),
      )
      .execute();
    const count = writes.get(sessionId) ?? 0;
    writes.set(sessionId, (count + 1) % WRITES_PER_SWEEP);
    if (count === 0) await sweep(trx, record);
  };
}

/** Newest first. */
export async function readActivity(
  trx: Transaction<Tables>,
  id: SessionId,
  limit: number,
): Promise<readonly ActivityRecord[]> {
  const rows = await trx
    .selectFrom('activity')
    .selectAll()
    .where('sessionId', '=', id)
    .orderBy('at', 'desc')
    .orderBy('source', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ body, ...row }) => ({ ...row, ...parseActivity(body) }));
}

async function sweep(trx: Transaction<Tables>, { sessionId, at }: ActivityRecord): Promise<void> {
  const newestToGo = await trx
    .selectFrom('activity')
    .select('at')
    .where('sessionId', '=', sessionId)
    .orderBy('at', 'desc')
    .offset(MAX_ACTIVITY)
    .limit(1)
    .executeTakeFirst();
  if (newestToGo) {
    await trx
      .deleteFrom('activity')
      .where('sessionId', '=', sessionId)
      .where('at', '<=', newestToGo.at)
      .execute();
  }
  await trx
    .deleteFrom('activity')
    .where('at', '<', at - KEPT_MS)
    .execute();
}
