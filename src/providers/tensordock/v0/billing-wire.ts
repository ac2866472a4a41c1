import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type MicroUsd, microUsd } from '../../../domain/money.ts';
import { isPlausibleUsd } from '../../plausible-usd.ts';
import { Amount, PlainId } from '../wire-values.ts';

/** `hourly_cost` beside it is not read: what runs is known, and other people's machines may be in it. */
const BalanceAnswer = Type.Object({ balance: Amount });

const Expense = Type.Object({ virtual_machine_id: PlainId, total_amount: Amount });
const Expenses = Type.Array(Expense);

/** Disks have a list of their own in the document's month, for machines that are in the other one as well. */
const SummaryAnswer = Type.Object({
  transactions: Type.Object({
    vm_expenses: Expenses,
    storage_expenses: Type.Optional(Type.Union([Expenses, Type.Null()])),
  }),
});

/** Dollars. */
export function readBalance(json: unknown): number | undefined {
  if (!Value.Check(BalanceAnswer, json)) return undefined;
  const usd = Number(json.balance);
  return isPlausibleUsd(usd) ? usd : undefined;
}

/** What a month's machines have cost in it, by machine; undefined when a single row cannot be read. */
export function readExpenses(json: unknown): ReadonlyMap<string, MicroUsd> | undefined {
  if (!Value.Check(SummaryAnswer, json)) return undefined;
  const { vm_expenses: machines, storage_expenses: disks } = json.transactions;
  const totals = new Map<string, MicroUsd>();
  for (const { virtual_machine_id: id, total_amount: usd } of [...machines, ...(disks ?? [])]) {
    if (!isPlausibleUsd(Number(usd))) return undefined;
    totals.set(id, (totals.get(id) ?? 0) + microUsd(Number(usd)));
  }
  return totals;
}
