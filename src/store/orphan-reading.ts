import type { SelectQueryBuilder, Transaction } from 'kysely';
import type { ProviderName } from '../domain/ids.ts';
import type { Orphan, OrphanId } from '../domain/orphan.ts';
import type { OrphanCount, OrphanPage, OrphanQuery } from '../ports/store.ts';
import { toOrphan } from './orphan-rows.ts';
import type { Tables } from './tables.ts';

export async function readOrphan(
  trx: Transaction<Tables>,
  id: OrphanId,
): Promise<Orphan | undefined> {
  const row = await trx.selectFrom('orphans').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toOrphan(row);
}

export async function readEndingOrphanIds(trx: Transaction<Tables>): Promise<readonly OrphanId[]> {
  const rows = await trx
    .selectFrom('orphans')
    .select('id')
    .where('state', '=', 'ending')
    .orderBy('detectedAt')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

export async function readOrphansOf(
  trx: Transaction<Tables>,
  provider: ProviderName,
): Promise<readonly Orphan[]> {
  const rows = await trx
    .selectFrom('orphans')
    .selectAll()
    .where('provider', '=', provider)
    .orderBy('detectedAt')
    .orderBy('id')
    .execute();
  return rows.map(toOrphan);
}

export async function readOrphanPage(
  trx: Transaction<Tables>,
  query: OrphanQuery,
): Promise<OrphanPage> {
  const { total } = await narrow(trx.selectFrom('orphans'), query)
    .select((count) => count.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await narrow(trx.selectFrom('orphans'), query)
    .selectAll()
    .orderBy('detectedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit)
    .offset(query.offset)
    .execute();
  return { orphans: rows.map(toOrphan), total };
}

export async function countOrphans(trx: Transaction<Tables>): Promise<readonly OrphanCount[]> {
  return trx
    .selectFrom('orphans')
    .select(['provider', 'state'])
    .select((count) => count.fn.countAll<number>().as('count'))
    .groupBy(['provider', 'state'])
    .orderBy('provider')
    .orderBy('state')
    .execute();
}

function narrow<Output>(
  orphans: SelectQueryBuilder<Tables, 'orphans', Output>,
  { state, provider }: OrphanQuery,
): SelectQueryBuilder<Tables, 'orphans', Output> {
  return orphans
    .$if(state !== undefined, (all) => all.where('state', '=', state ?? 'ending'))
    .$if(provider !== undefined, (all) => all.where('provider', '=', provider ?? ''));
}
