import type { Transaction } from 'kysely';
import type { AttemptQuery, PastAttempt } from '../ports/store.ts';
import { withoutNulls } from './absent.ts';
import { parseOffer, parseRequest } from './stored-json.ts';
import type { Tables } from './tables.ts';

/** Found by the index over when attempts were decided, which was made for it. */
export async function readAttemptsSince(
  trx: Transaction<Tables>,
  { since, limit, offset }: AttemptQuery,
): Promise<readonly PastAttempt[]> {
  const rows = await trx
    .selectFrom('instances')
    .innerJoin('sessions', 'sessions.id', 'instances.sessionId')
    .select([
      'instances.tag',
      'instances.role',
      'instances.provider',
      'instances.api',
      'instances.launchAttempts',
      'instances.bidPerHour',
      'instances.intendedAt',
      'instances.launchedAt',
      'instances.runningAt',
      'instances.resumedAt',
      'instances.troubledAt',
      'instances.terminateAskedAt',
      'instances.goneAt',
      'instances.offer',
      'instances.failureCode',
      'instances.failureMessage',
      'sessions.request',
    ])
    .where('instances.role', '=', 'attempt')
    .where('instances.intendedAt', '>=', since)
    .orderBy('instances.intendedAt', 'desc')
    .orderBy('instances.sessionId')
    .orderBy('instances.place')
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map(({ offer, request, failureCode, failureMessage, ...plain }) => {
    const { workload, readyTimeoutMs } = parseRequest(request);
    return {
      attempt: {
        ...withoutNulls(plain),
        offer: parseOffer(offer),
        ...(failureCode !== null && {
          failure: { code: failureCode, message: failureMessage ?? '' },
        }),
      },
      order: { workload, ...(readyTimeoutMs !== undefined && { readyTimeoutMs }) },
    };
  });
}
