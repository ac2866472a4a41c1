import type { SelectQueryBuilder, Transaction } from 'kysely';
import type { BrokerEvent } from '../domain/events.ts';
import type { ProviderApi, SessionId } from '../domain/ids.ts';
import type { Session } from '../domain/session.ts';
import type { SessionPage, SessionQuery } from '../ports/store.ts';
import { loadSessions } from './load-sessions.ts';
import type { SessionMemory } from './session-memory.ts';
import { parseEvent } from './stored-json.ts';
import type { Tables } from './tables.ts';

export async function readSession(
  trx: Transaction<Tables>,
  id: SessionId,
): Promise<Session | undefined> {
  const rows = await trx.selectFrom('sessions').selectAll().where('id', '=', id).execute();
  const [session] = await loadSessions(trx, rows);
  return session;
}

export async function readPage(
  trx: Transaction<Tables>,
  memory: SessionMemory,
  query: SessionQuery,
): Promise<SessionPage> {
  const { total } = await narrow(trx.selectFrom('sessions'), query)
    .select((count) => count.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await narrow(trx.selectFrom('sessions'), query)
    .select('id')
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit)
    .offset(query.offset)
    .execute();
  const page = { sessions: await memory.readAll(trx, rows.map(idOf)), total };
  memory.keepPage(query, page);
  return page;
}

export async function readOpenIds(trx: Transaction<Tables>): Promise<readonly SessionId[]> {
  const rows = await trx
    .selectFrom('sessions')
    .select('id')
    .where('open', '=', 1)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  return rows.map(idOf);
}

export async function readOpenAt(
  trx: Transaction<Tables>,
  memory: SessionMemory,
  api: ProviderApi,
): Promise<readonly Session[]> {
  const rows = await trx
    .selectFrom('sessions')
    .select('id')
    .where('open', '=', 1)
    .where((has) =>
      has.exists(
        has
          .selectFrom('instances')
          .select('place')
          .whereRef('instances.sessionId', '=', 'sessions.id')
          .where('api', '=', api),
      ),
    )
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  return memory.readAll(trx, rows.map(idOf));
}

export async function readEvents(
  trx: Transaction<Tables>,
  id: SessionId,
  limit: number,
): Promise<readonly BrokerEvent[]> {
  const rows = await trx
    .selectFrom('events')
    .select('body')
    .where('sessionId', '=', id)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => parseEvent(row.body));
}

function idOf({ id }: { readonly id: SessionId }): SessionId {
  return id;
}

function narrow<Output>(
  sessions: SelectQueryBuilder<Tables, 'sessions', Output>,
  { consumerId, status, provider }: SessionQuery,
): SelectQueryBuilder<Tables, 'sessions', Output> {
  return sessions
    .$if(consumerId !== undefined, (all) => all.where('consumerId', '=', consumerId ?? ''))
    .$if(status !== undefined, (all) => all.where('status', '=', status ?? 'pending'))
    .$if(provider !== undefined, (all) => all.where('provider', '=', provider ?? ''));
}
