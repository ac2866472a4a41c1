import type { Transaction } from 'kysely';
import { hasLeftNothing } from '../domain/refused-launch.ts';
import type { EpochMs } from '../domain/time.ts';
import type {
  CreationResult,
  EarlierUse,
  IdempotencyUse,
  SessionCreation,
} from '../ports/store.ts';
import { readSession } from './session-reading.ts';
import type { Tables } from './tables.ts';
import { insertEvents, insertSession } from './write-session.ts';

/** Inserts the session, its events and its claim on the idempotency key, or says whose the key is already. */
export async function createSession(
  trx: Transaction<Tables>,
  creation: SessionCreation,
): Promise<CreationResult> {
  const { session, events, idempotency } = creation;
  if (idempotency) {
    await dropLapsedClaims(trx, session.createdAt);
    const earlier = await findClaim(trx, idempotency, session.createdAt);
    if (earlier) return earlier;
    // Only a claim that is free again can still be there; in the same step it becomes the new session's.
    await trx.deleteFrom('idempotencyKeys').where('key', '=', idempotency.key).execute();
  }
  await insertSession(trx, { ...session, version: 1 });
  await insertEvents(trx, events);
  if (idempotency) {
    await trx
      .insertInto('idempotencyKeys')
      .values({ ...idempotency, sessionId: session.id })
      .execute();
  }
  return { kind: 'created' };
}

/** A claim lives as long as its session does, and at least until it expires. */
async function dropLapsedClaims(trx: Transaction<Tables>, now: EpochMs): Promise<void> {
  await trx
    .deleteFrom('idempotencyKeys')
    .where('expiresAt', '<=', now)
    .where('sessionId', 'not in', (query) =>
      query.selectFrom('sessions').select('id').where('open', '=', 1),
    )
    .execute();
}

/** Whose the key is; nobody's where the same request was refused and left nothing, so that it can be made anew. */
export async function findClaim(
  trx: Transaction<Tables>,
  claim: IdempotencyUse,
  now: EpochMs,
): Promise<EarlierUse | undefined> {
  const earlier = await trx
    .selectFrom('idempotencyKeys')
    .innerJoin('sessions', 'sessions.id', 'idempotencyKeys.sessionId')
    .select([
      'idempotencyKeys.bodyHash',
      'idempotencyKeys.expiresAt',
      'idempotencyKeys.sessionId',
      'sessions.open',
    ])
    .where('key', '=', claim.key)
    .executeTakeFirst();
  if (!earlier || (earlier.open === 0 && earlier.expiresAt <= now)) return undefined;
  if (earlier.bodyHash !== claim.bodyHash) return { kind: 'idempotency_conflict' };
  const session = await readSession(trx, earlier.sessionId);
  if (session && hasLeftNothing(session)) return undefined;
  return { kind: 'replayed', sessionId: earlier.sessionId };
}
