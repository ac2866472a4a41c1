import { Gauge, type Registry } from 'prom-client';
import type { ProviderName } from '../domain/ids.ts';
import { type MicroUsd, toUsd } from '../domain/money.ts';

/** What a marketplace has charged for machines that ended lately, and what the ledger says of the same ones. */
export interface ChargeFigures {
  readonly provider: ProviderName;
  readonly billed: MicroUsd;
  readonly traffic: MicroUsd;
  readonly estimated: MicroUsd;
}

export function createChargeMetrics(
  registry: Registry,
): (charges: readonly ChargeFigures[]) => void {
  const common = { labelNames: ['provider'] as const, registers: [registry] };
  const billed = new Gauge({
    name: 'gpu_cost_billed_usd',
    help: 'What a marketplace has charged for machines that ended in the last 7 days, traffic included.',
    ...common,
  });
  const traffic = new Gauge({
    name: 'gpu_cost_traffic_usd',
    help: 'The part of that which is traffic.',
    ...common,
  });
  const drift = new Gauge({
    name: 'gpu_cost_drift_usd',
    help: 'What of the rest the ledger has missed; below zero where it booked too much.',
    ...common,
  });
  return (charges) => {
    for (const gauge of [billed, traffic, drift]) gauge.reset();
    for (const { provider, ...sums } of charges) {
      billed.set({ provider }, toUsd(sums.billed));
      traffic.set({ provider }, toUsd(sums.traffic));
      drift.set({ provider }, toUsd(sums.billed - sums.traffic - sums.estimated));
    }
  };
}
