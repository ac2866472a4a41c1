import { Gauge, type Registry } from 'prom-client';
import { type MicroUsd, toUsd } from '../domain/money.ts';

export interface PriceFigures {
  readonly gpuType: string;
  readonly offers: number;
  readonly leastPerGpuHour: MicroUsd;
}

/** Shows what the menu has of each GPU type, and for how much; a type that left the menu goes away. */
export function createMenuMetrics(registry: Registry): (prices: readonly PriceFigures[]) => void {
  const common = { labelNames: ['gpu_type'] as const, registers: [registry] };
  const offers = new Gauge({
    name: 'gpu_menu_offers',
    help: 'Offers on the menu that can be rented, by GPU type.',
    ...common,
  });
  const prices = new Gauge({
    name: 'gpu_menu_least_usd_per_gpu_hour',
    help: 'US dollars an hour for one GPU of the cheapest offer of a type, all in.',
    ...common,
  });
  return (figures) => {
    offers.reset();
    prices.reset();
    for (const { gpuType, offers: count, leastPerGpuHour } of figures) {
      offers.set({ gpu_type: gpuType }, count);
      prices.set({ gpu_type: gpuType }, toUsd(leastPerGpuHour));
    }
  };
}
