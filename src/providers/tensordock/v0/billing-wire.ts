import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { type MicroUsd, microUsd } from '../../../domain/money.ts';
import type { AccountStatement } from '../../../ports/provider.ts';
import { isPlausibleUsd } from '../../plausible-usd.ts';
import { Amount, hourlyRate, OptionalAmount, PlainId } from '../wire-values.ts';

const BalanceAnswer = Type.Object({ balance: Amount, hourly_cost: OptionalAmount });

const Expense = Type.Object({ virtual_machine_id: PlainId, total_amount: Amount });
const Expenses = Type.Array(Expense);

/** Disks have a list of their own in the document's month, for machines that are in the other one as well. */
const SummaryAnswer = Type.Object({
  transactions: Type.Object({
    vm_expenses: Expenses,
    storage_expenses: Type.Optional(Type.Union([Expenses, Type.Null()])),
  }),
});

/** An hourly cost that cannot be read is left out: the balance is as good without. */
export function readBalance(json: unknown): AccountStatement | undefined {
  if (!Value.Check(BalanceAnswer, json)) return undefined;
  const usd = Number(json.balance);
  const burnPerHour = hourlyRate(json.hourly_cost);
  if (!isPlausibleUsd(usd)) return undefined;
  return { amount: microUsd(usd), ...(burnPerHour === undefined ? {} : { burnPerHour }) };
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
