import { json } from '../json.ts';
import type { Marketplace, SimBillParts, SimInstance, SimReply } from '../model.ts';
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

/** `POST /billing/summary`: what a calendar month's machines have cost in it, up to now. */
export function summary({ market, quirks, fields }: V0Context): SimReply {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(fields.get('period') ?? '') ?? [];
  if (year === undefined || month === undefined) return failed('period must have the form YYYY-MM');
  const from = Date.UTC(Number(year), Number(month) - 1, 1);
  const until = Date.UTC(Number(year), Number(month), 1);
  const billed = market
    .instances()
    .filter((machine) => isBilledIn(market, machine, { from, until }))
    .map((machine) => ({ machine, parts: spentIn(market, machine, { from, until }) }));
  const isApart = quirks.v0StorageExpensesAs === 'apart';
  const vms = billed.map(({ machine, parts }) =>
    vmRow(market, machine, { from, until, parts: isApart ? { ...parts, disk: 0 } : parts }),
  );
  const disks = billed.map(({ machine, parts }) => diskRow(machine, { from, until, parts }));
  const expenses = isApart ? [...vms, ...disks] : vms;
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
      storage_expenses: isApart ? disks : [],
      storage_payouts: [],
      vm_expenses: vms,
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

interface Spending extends Period {
  /** Micro-dollars. */
  readonly parts: SimBillParts;
}

/** One that had ended before the month, or came after it, is in another month's summary. */
function isBilledIn(
  market: Marketplace,
  { market: name, createdAt, goneAt }: SimInstance,
  { from, until }: Period,
): boolean {
  return name === 'tensordock' && createdAt < until && (goneAt ?? market.clock.now()) >= from;
}

function spentIn(market: Marketplace, { id }: SimInstance, { from, until }: Period): SimBillParts {
  return market.billWithin(id, from, Math.min(until, market.clock.now()));
}

function vmRow(market: Marketplace, machine: SimInstance, { parts, ...period }: Spending) {
  const { gpu } = machine.host;
  return {
    ...spanOf(period),
    gpu_details: `${machine.gpuCount}x ${gpu.vastName} ${gpu.nominalGb} GB`,
    hostnode_id: machine.host.id,
    rate_hourly: sumOf(market.rate(machine.id)),
    total_amount: fromMicro(parts),
    virtual_machine_id: machine.id,
  };
}

/** In the documented month a machine's disk is billed for longer than the machine: whether it runs or not. */
function diskRow(machine: SimInstance, { parts, ...period }: Spending) {
  return {
    ...spanOf(period),
    hostnode_id: machine.host.id,
    rate_hourly: dollars(machine.host.rates.storage * machine.diskGb),
    storage_amount: machine.diskGb,
    total_amount: fromMicro({ gpu: 0, cpu: 0, ram: 0, disk: parts.disk }),
    virtual_machine_id: machine.id,
  };
}

function spanOf(period: Period) {
  return {
    billing_period_end: monthAndDay(period.until),
    billing_period_start: monthAndDay(period.from),
  };
}

function fromMicro(parts: SimBillParts): number {
  return dollars(sumOf(parts) / 1_000_000);
}

function monthFields(side: 'start' | 'end', at: number): Readonly<Record<string, string>> {
  const [year = '', month = ''] = new Date(at).toISOString().split('-');
  return { [`${side}M`]: month, [`${side}Y`]: year };
}

function monthAndDay(at: number): string {
  return new Date(at).toISOString().slice(5, 10).replace('-', '/');
}
