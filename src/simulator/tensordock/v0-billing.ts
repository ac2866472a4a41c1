import { json } from '../json.ts';
import type { Marketplace, SimInstance, SimReply } from '../model.ts';
import { liveMachines } from './capacity.ts';
import { dollars, sumOf } from './dollars.ts';
import { failed, succeeded, type V0Context } from './v0-context.ts';

/** `POST /billing/balance`. */
export function balance({ market }: V0Context): SimReply {
  const rates = liveMachines(market).map((machine) => sumOf(market.rate(machine.id)));
  return succeeded({
    balance: dollars(market.credit('tensordock')),
    hourly_cost: dollars(rates.reduce((sum, rate) => sum + rate, 0)),
  });
}

/** `POST /billing/summary`: what the machines made in a month have cost up to now. */
export function summary({ market, fields }: V0Context): SimReply {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(fields.get('period') ?? '') ?? [];
  if (year === undefined || month === undefined) return failed('period must have the form YYYY-MM');
  const from = Date.UTC(Number(year), Number(month) - 1, 1);
  const until = Date.UTC(Number(year), Number(month), 1);
  const made = market
    .instances()
    .filter(
      ({ market: name, createdAt }) =>
        name === 'tensordock' && createdAt >= from && createdAt < until,
    );
  const expenses = made.map((machine) => expenseRow(market, machine, { from, until }));
  const spent = expenses.reduce((sum, row) => sum + row.total_amount, 0);
  const credit = market.credit('tensordock');
  return json(200, {
    bill_period: { ...monthFields('start', from), ...monthFields('end', until) },
    changes: { expenses: spent.toFixed(2), payouts: '0.00' },
    final_balance: credit.toFixed(2),
    organization_billing_address: null,
    organization_tax_id: '',
    previous_balance: (credit + spent).toFixed(2),
    transactions: {
      deposits: [],
      storage_expenses: [],
      storage_payouts: [],
      vm_expenses: expenses,
      vm_payouts: [],
      withdrawals: [],
    },
  });
}

/** `POST /billing/revenue`: this account rents and hosts nothing. */
export function revenue(): SimReply {
  return json(200, { data: [] });
}

interface Period {
  readonly from: number;
  readonly until: number;
}

function expenseRow(market: Marketplace, machine: SimInstance, period: Period) {
  const { gpu } = machine.host;
  return {
    billing_period_end: monthAndDay(period.until),
    billing_period_start: monthAndDay(period.from),
    gpu_details: `${machine.gpuCount}x ${gpu.vastName} ${gpu.nominalGb} GB`,
    hostnode_id: machine.host.id,
    rate_hourly: sumOf(market.rate(machine.id)),
    // The bill is in micro-dollars.
    total_amount: dollars(sumOf(market.bill(machine.id)) / 1_000_000),
    virtual_machine_id: machine.id,
  };
}

function monthFields(side: 'start' | 'end', at: number): Readonly<Record<string, string>> {
  const [year = '', month = ''] = new Date(at).toISOString().split('-');
  return { [`${side}M`]: month, [`${side}Y`]: year };
}

function monthAndDay(at: number): string {
  return new Date(at).toISOString().slice(5, 10).replace('-', '/');
}
