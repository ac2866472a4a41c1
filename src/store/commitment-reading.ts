import { sql, type Transaction } from 'kysely';
import { NOTHING_COMMITTED } from '../domain/budget.ts';
import type { InstanceState } from '../domain/instance.ts';
import { type EpochMs, HOUR_MS } from '../domain/time.ts';
import type { ProviderCommitment } from '../ports/store.ts';
import type { Tables } from './tables.ts';

/** Machines that serve a reservation, or are about to. */
const SERVING: readonly InstanceState[] = [
  'intended',
  'launching',
  'unsettled',
  'launched',
  'resuming',
];

export async function readCommitments(
  trx: Transaction<Tables>,
  now: EpochMs,
): Promise<readonly ProviderCommitment[]> {
  const commitments = new Map<string, ProviderCommitment>();
  for (const row of [...(await readBurns(trx)), ...(await readPromises(trx, now))]) {
    commitments.set(row.provider, {
      ...NOTHING_COMMITTED,
      ...commitments.get(row.provider),
      ...row,
    });
  }
  return [...commitments.values()];
}

function readBurns(trx: Transaction<Tables>) {
  return trx
    .selectFrom('costEntries as line')
    .innerJoin('instances as instance', (join) =>
      join
        .onRef('instance.sessionId', '=', 'line.sessionId')
        .onRef('instance.place', '=', 'line.place'),
    )
    .where('line.endedAt', 'is', null)
    .select('instance.provider')
    .select((line) => line.fn.sum<number>('line.rateMicroUsdPerHour').as('burnPerHour'))
    .select(
      sql<number>`SUM(CASE WHEN instance.state = 'preserved' THEN line.rate_micro_usd_per_hour ELSE 0 END)`.as(
        'keptPerHour',
      ),
    )
    .groupBy('instance.provider')
    .execute();
}

/** At the full price, whatever is charged at the moment: a machine that boots now will run. */
function readPromises(trx: Transaction<Tables>, now: EpochMs) {
  const perHour = sql`(price_gpu + price_cpu + price_ram + price_disk)`;
  const hoursLeft = sql`(MAX(0, session.expires_at - ${now}) / ${sql.lit(HOUR_MS)}.0)`;
  return trx
    .selectFrom('sessions as session')
    .innerJoin('instances as instance', 'instance.sessionId', 'session.id')
    .where('session.open', '=', 1)
    .where('session.status', 'in', ['pending', 'provisioning', 'running'])
    .where('instance.state', 'in', SERVING)
    .select('instance.provider')
    .select(sql<number>`CAST(ROUND(SUM(${perHour} * ${hoursLeft})) AS INTEGER)`.as('promised'))
    .groupBy('instance.provider')
    .execute();
}
