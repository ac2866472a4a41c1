import { type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { ledgerTotal } from '../domain/billing.ts';
import type {
  EndedMachine,
  ReconciledCharge,
  ReconciledCosts,
  ReconciledQuery,
  UnreconciledQuery,
} from '../ports/store.ts';
import { toCostEntry } from './instance-rows.ts';
import type { Tables } from './tables.ts';

/** Rows written with one statement; keeps far below the 32,766 values that a statement takes. */
const BATCH = 500;

export async function readUnreconciled(
  trx: Transaction<Tables>,
  query: UnreconciledQuery,
): Promise<readonly EndedMachine[]> {
  const rows = await endedMachines(trx, query);
  const machines: EndedMachine[] = [];
  for (const { sessionId, place, api, providerInstanceId, goneAt } of rows) {
    const lines = await linesOf(trx, sessionId, place);
    if (lines.length === 0 || providerInstanceId === null || goneAt === null) continue;
    machines.push({
      sessionId,
      provider: query.provider,
      api,
      providerInstanceId,
      billedFrom: Math.min(...lines.map(({ startedAt }) => startedAt)),
      goneAt,
      estimated: ledgerTotal(lines, goneAt),
    });
  }
  return machines;
}

export async function saveCharges(
  trx: Transaction<Tables>,
  charges: readonly ReconciledCharge[],
): Promise<void> {
  for (let start = 0; start < charges.length; start += BATCH) {
    await trx
      .replaceInto('providerCharges')
      .values(charges.slice(start, start + BATCH))
      .execute();
  }
}

export async function readReconciledCosts(
  trx: Transaction<Tables>,
  query: ReconciledQuery,
): Promise<ReconciledCosts> {
  const charges = () => narrow(trx.selectFrom('providerCharges as charge'), query);
  const { sessions } = await charges()
    .select((all) => all.fn.count<number>('charge.sessionId').distinct().as('sessions'))
    .executeTakeFirstOrThrow();
  const byProvider = await charges()
    .select('charge.provider')
    .select((all) => [
      all.fn.sum<number>('charge.billed').as('billed'),
      all.fn.sum<number>('charge.traffic').as('traffic'),
      all.fn.sum<number>('charge.estimated').as('estimated'),
      all.fn.max('charge.readAt').as('asOf'),
    ])
    .groupBy('charge.provider')
    .orderBy('charge.provider')
    .execute();
  return { sessions, byProvider };
}

/** Machines of a sister API come last: they may never be told of, and would take the places of those that are. */
function endedMachines(
  trx: Transaction<Tables>,
  { provider, goneAfter, settleMs, toldBy, limit }: UnreconciledQuery,
) {
  return trx
    .selectFrom('instances as instance')
    .leftJoin('providerCharges as charge', (join) =>
      join
        .onRef('charge.provider', '=', 'instance.provider')
        .onRef('charge.providerInstanceId', '=', 'instance.providerInstanceId'),
    )
    .where('instance.goneAt', '>', goneAfter)
    .where('instance.provider', '=', provider)
    .where('instance.state', '=', 'gone')
    .where('instance.providerInstanceId', 'is not', null)
    .where((or) =>
      or.or([
        or('charge.readAt', 'is', null),
        or('charge.readAt', '<', or('instance.goneAt', '+', settleMs)),
      ]),
    )
    .select(['instance.sessionId', 'instance.place', 'instance.api'])
    .select(['instance.providerInstanceId', 'instance.goneAt'])
    .orderBy(sql`instance.api <> ${toldBy}`)
    .orderBy('instance.goneAt')
    .limit(limit)
    .execute();
}

async function linesOf(trx: Transaction<Tables>, sessionId: string, place: number) {
  const rows = await trx
    .selectFrom('costEntries')
    .selectAll()
    .where('sessionId', '=', sessionId)
    .where('place', '=', place)
    .orderBy('seq')
    .execute();
  return rows.map(toCostEntry);
}

type Charges = Tables & { readonly charge: Tables['providerCharges'] };

function narrow<Output>(
  charges: SelectQueryBuilder<Charges, 'charge', Output>,
  { consumerId, sessionId, window }: ReconciledQuery,
): SelectQueryBuilder<Charges, 'charge', Output> {
  return charges
    .$if(sessionId !== undefined, (all) => all.where('charge.sessionId', '=', sessionId ?? ''))
    .$if(window !== undefined, (all) =>
      all
        .where('charge.endedAt', '>=', window?.from ?? 0)
        .where('charge.endedAt', '<', window?.to ?? 0),
    )
    .$if(consumerId !== undefined, (all) =>
      all.where('charge.sessionId', 'in', (sessions) =>
        sessions
          .selectFrom('sessions')
          .select('id')
          .where('consumerId', '=', consumerId ?? '')
          .unionAll(
            sessions
              .selectFrom('pastSessions')
              .select('id')
              .where('consumerId', '=', consumerId ?? ''),
          ),
      ),
    );
}
