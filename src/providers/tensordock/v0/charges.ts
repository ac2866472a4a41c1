import { ProviderFailure } from '../../../domain/errors.ts';
import type { ProviderInstanceId } from '../../../domain/ids.ts';
import type { MicroUsd, Span } from '../../../domain/money.ts';
import type { Charge } from '../../../ports/provider.ts';
import type { V0Client } from './client.ts';
import { monthsIn } from './months.ts';

/** One call a month; nobody settles accounts over more. */
const MAX_MONTHS = 24;

/**
 * What the calendar months (UTC) that the window touches have cost, by machine: a summary has whole months only, so a window
 * that begins or ends within one counts all of it. Traffic costs nothing here.
 */
export async function chargesOver(
  client: Pick<V0Client, 'expenses'>,
  window: Span,
): Promise<readonly Charge[]> {
  const months = monthsIn(window);
  if (months.length > MAX_MONTHS) {
    throw new ProviderFailure({
      kind: 'invalid',
      outcome: 'not_done',
      detail: `charges are read for at most ${MAX_MONTHS} months`,
    });
  }
  const totals = new Map<ProviderInstanceId, MicroUsd>();
  for (const { period } of months) {
    for (const [id, amount] of await client.expenses(period)) {
      totals.set(id, (totals.get(id) ?? 0) + amount);
    }
  }
  return [...totals].map(([id, total]) => ({ id, total, traffic: 0 }));
}
