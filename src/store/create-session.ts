import type { Transaction } from 'kysely';
import type { EpochMs } from '../domain/time.ts';
import type {
  CreationResult,
  EarlierUse,
  IdempotencyUse,
  SessionCreation,
} from '../ports/store.ts';
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
    const earlier = await findClaim(trx, idempotency);
    if (earlier) return earlier;
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

export async function findClaim(
  trx: Transaction<Tables>,
  claim: IdempotencyUse,
): Promise<EarlierUse | undefined> {
  const earlier = await trx
    .selectFrom('idempotencyKeys')
    .selectAll()
    .where('key', '=', claim.key)
    .executeTakeFirst();
  if (!earlier) return undefined;
  return earlier.bodyHash === claim.bodyHash
    ? { kind: 'replayed', sessionId: earlier.sessionId }
    : { kind: 'idempotency_conflict' };
}
