import type { Transaction } from 'kysely';
import type { SessionId } from '../domain/ids.ts';
import { DAY_MS, utcDayStart } from '../domain/time.ts';
import type { CostRow } from '../ports/store.ts';
import { sumLines } from './cost-lines.ts';
import { linesOfSession } from './cost-reading.ts';
import { readyStatement } from './ready-statement.ts';
import type { Tables } from './tables.ts';

/** In the sums: all consumers together. */
export const EVERYBODY = '';
const NO_DAY = -1;

const note = readyStatement((trx, row: Tables['unsettledCosts']) =>
  trx.insertInto('unsettledCosts').values(row),
);
const noteAgain = readyStatement((trx, row: Tables['unsettledCosts']) =>
  trx
    .insertInto('unsettledCosts')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

/** A new session is in no sum. */
export async function noteUnsettled(trx: Transaction<Tables>, id: SessionId): Promise<void> {
  await note(trx, { sessionId: id });
}

/** Takes the session out of the sums, before its lines change. Nothing to do for one that is in none. */
export async function unsettleCosts(trx: Transaction<Tables>, id: SessionId): Promise<void> {
  const noted = await noteAgain(trx, { sessionId: id });
  if (noted.numAffectedRows === 1n) await addToSums(trx, id, -1);
}

/** Takes the session into the sums; its lines have all ended. */
export async function settleCosts(trx: Transaction<Tables>, id: SessionId): Promise<void> {
  await trx.deleteFrom('unsettledCosts').where('sessionId', '=', id).execute();
  await addToSums(trx, id, 1);
}

interface DaySum {
  readonly day: number;
  readonly previousDay: number;
  readonly rows: readonly CostRow[];
}

async function addToSums(trx: Transaction<Tables>, id: SessionId, sign: 1 | -1): Promise<void> {
  const { consumerId, lines } = await linesOfSession(trx, id);
  const days = daySums(lines);
  if (days.length === 0) return;
  const owners = [EVERYBODY, consumerId];
  await addCostDays(trx, owners, days, sign);
  await addSessionDays(trx, owners, days, sign);
}

/** The days on which the lines cost something. The parts of a line add up to it exactly, however it is cut. */
function daySums(lines: Awaited<ReturnType<typeof linesOfSession>>['lines']): readonly DaySum[] {
  const from = Math.min(...lines.map(({ startedAt }) => startedAt));
  const to = Math.max(...lines.map(({ startedAt, endedAt }) => endedAt ?? startedAt));
  const sums: DaySum[] = [];
  let previousDay = NO_DAY;
  for (let day = utcDayStart(from); day < to; day += DAY_MS) {
    const rows = sumLines(lines, { from: day, to: day + DAY_MS }, to);
    if (rows.length === 0) continue;
    sums.push({ day, previousDay, rows });
    previousDay = day;
  }
  return sums;
}

type Owners = readonly string[];

async function addCostDays(
  trx: Transaction<Tables>,
  owners: Owners,
  days: readonly DaySum[],
  sign: 1 | -1,
): Promise<void> {
  const parts = days.flatMap(({ day, rows }) =>
    rows.map(({ provider, gpuType, cost, billedMs }) => ({
      day,
      provider,
      gpuType,
      cost,
      billedMs,
    })),
  );
  const values = owners.flatMap((consumerId) =>
    parts.map(({ cost, billedMs, ...of }) => ({
      consumerId,
      ...of,
      cost: sign * cost,
      billedMs: sign * billedMs,
      parts: sign,
    })),
  );
  for (const batch of batches(values)) {
    await trx
      .insertInto('costDays')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['consumerId', 'day', 'provider', 'gpuType']).doUpdateSet((row) => ({
          cost: row('costDays.cost', '+', row.ref('excluded.cost')),
          billedMs: row('costDays.billedMs', '+', row.ref('excluded.billedMs')),
          parts: row('costDays.parts', '+', row.ref('excluded.parts')),
        })),
      )
      .execute();
  }
}

async function addSessionDays(
  trx: Transaction<Tables>,
  owners: Owners,
  days: readonly DaySum[],
  sign: 1 | -1,
): Promise<void> {
  const values = owners.flatMap((consumerId) =>
    days.map(({ day, previousDay }) => ({ consumerId, day, previousDay, sessions: sign })),
  );
  for (const batch of batches(values)) {
    await trx
      .insertInto('sessionDays')
      .values(batch)
      .onConflict((conflict) =>
        conflict.columns(['consumerId', 'day', 'previousDay']).doUpdateSet((row) => ({
          sessions: row('sessionDays.sessions', '+', row.ref('excluded.sessions')),
        })),
      )
      .execute();
  }
}

/** Rows written with one statement; keeps far below the 32,766 values that a statement takes. */
const BATCH = 500;

function* batches<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH);
}
