import { type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { ledgerTotal } from '../domain/billing.ts';
import type { CostEntry } from '../domain/cost-entry.ts';
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

/** Machines whose lines are read in one step: requests get their turn between two of them. */
const MACHINES_AT_ONCE = 100;

export interface UnreconciledParts {
  readonly read: <Result>(step: (trx: Transaction<Tables>) => Promise<Result>) => Promise<Result>;
  /** Lets the rest of the program go on. */
  readonly pause: () => Promise<void>;
}

export async function readUnreconciled(
  { read, pause }: UnreconciledParts,
  query: UnreconciledQuery,
): Promise<readonly EndedMachine[]> {
  const rows = await read((trx) => endedMachines(trx, query));
  const machines: EndedMachine[] = [];
  for (let start = 0; start < rows.length; start += MACHINES_AT_ONCE) {
    if (start > 0) await pause();
    const some = rows.slice(start, start + MACHINES_AT_ONCE);
    const lines = await read((trx) => linesOf(trx, some));
    machines.push(...some.flatMap((row) => billed(row, lines.get(lineKey(row)) ?? [], query)));
  }
  return machines;
}

/** None where nothing was ever charged by our own ledger. */
function billed(
  { sessionId, api, providerInstanceId, goneAt }: EndedRow,
  lines: readonly CostEntry[],
  { provider }: UnreconciledQuery,
): readonly EndedMachine[] {
  if (lines.length === 0 || providerInstanceId === null || goneAt === null) return [];
  const billedFrom = Math.min(...lines.map(({ startedAt }) => startedAt));
  const estimated = ledgerTotal(lines, goneAt);
  return [{ sessionId, provider, api, providerInstanceId, billedFrom, goneAt, estimated }];
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

type EndedRow = Awaited<ReturnType<typeof endedMachines>>[number];
type MachineKey = Pick<EndedRow, 'sessionId' | 'place'>;

/** By machine, as {@link lineKey} names it. */
async function linesOf(
  trx: Transaction<Tables>,
  machines: readonly MachineKey[],
): Promise<ReadonlyMap<string, readonly CostEntry[]>> {
  const sessions = [...new Set(machines.map(({ sessionId }) => sessionId))];
  const rows = await trx
    .selectFrom('costEntries')
    .selectAll()
    .where('sessionId', 'in', sessions)
    .orderBy('sessionId')
    .orderBy('place')
    .orderBy('seq')
    .execute();
  const lines = new Map<string, CostEntry[]>();
  for (const row of rows) {
    const key = lineKey(row);
    const before = lines.get(key);
    if (before) before.push(toCostEntry(row));
    else lines.set(key, [toCostEntry(row)]);
  }
  return lines;
}

function lineKey({ sessionId, place }: MachineKey): string {
  return `${sessionId} ${place}`;
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
