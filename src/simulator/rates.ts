import { type MicroParts, NOTHING } from './meter.ts';
import type { RentOrder, SimHost, SimInstance } from './model.ts';

const MICRO_PER_USD = 1_000_000;
const VAST_MONTH_HOURS = 720;

/** What a rental is charged by the hour while it runs, in whole micro-dollars, part by part. */
export function agreedRates(host: SimHost, order: RentOrder): MicroParts {
  const { rates } = host;
  const gpuUsd = order.interruptible
    ? (order.bid ?? rates.minBid * order.gpuCount)
    : rates.gpuHour * order.gpuCount;
  if (host.market === 'vastai') {
    const disk = micro((rates.storage * order.diskGb) / VAST_MONTH_HOURS);
    return { gpu: micro(gpuUsd), cpu: 0, ram: 0, disk };
  }
  return {
    gpu: micro(gpuUsd),
    cpu: micro(rates.vcpuHour * order.vcpus),
    ram: micro(rates.ramGbHour * order.ramGb),
    disk: micro(rates.storage * order.diskGb),
  };
}

/**
 * Which of the agreed rates count in the instance's present state. Vast.ai charges the disk from creation to the
 * end and the GPU while it runs, and neither while its host is offline (facts §13.4); TensorDock charges everything until the end, or the disk alone
 * while it is stopped with its GPUs given back (v0 document, "Stop a VM").
 */
export function chargedRates(instance: SimInstance, agreed: MicroParts): MicroParts {
  if (instance.state === 'gone') return NOTHING;
  if (instance.offlineSince !== null && instance.market === 'vastai') return NOTHING;
  const onlyDisk = { ...NOTHING, disk: agreed.disk };
  if (instance.market === 'vastai') return instance.state === 'running' ? agreed : onlyDisk;
  // On its way to rest it still runs; on its way out it does so no more than it did before.
  const isStopping = instance.state === 'stopping' && instance.deletingUntil === null;
  return instance.released && !isStopping ? onlyDisk : agreed;
}

export function toUsd(parts: MicroParts): MicroParts {
  return {
    gpu: parts.gpu / MICRO_PER_USD,
    cpu: parts.cpu / MICRO_PER_USD,
    ram: parts.ram / MICRO_PER_USD,
    disk: parts.disk / MICRO_PER_USD,
  };
}

export function sumOf(parts: MicroParts): number {
  return parts.gpu + parts.cpu + parts.ram + parts.disk;
}

function micro(usd: number): number {
  return Math.round(usd * MICRO_PER_USD);
}
