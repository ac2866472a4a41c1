import type { Transaction } from 'kysely';
import type { ClockHistory } from '../ports/store.ts';
import { parseClockHistory } from './stored-json.ts';
import type { Tables } from './tables.ts';

const KEY = 'clock_history';

export async function readClockHistory(
  trx: Transaction<Tables>,
): Promise<ClockHistory | undefined> {
  const found = await trx
    .selectFrom('meta')
    .select('value')
    .where('key', '=', KEY)
    .executeTakeFirst();
  return found && parseClockHistory(found.value);
}

export async function writeClockHistory(
  trx: Transaction<Tables>,
  history: ClockHistory,
): Promise<void> {
  const value = JSON.stringify(history);
  await trx
    .insertInto('meta')
    .values({ key: KEY, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}
