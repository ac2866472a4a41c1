import type { SimBillParts } from '../model.ts';

/** Six decimals, so that sums of rates show no binary dust on the wire. */
export function dollars(amount: number): number {
  return Math.round(amount * 1_000_000) / 1_000_000;
}

export function sumOf(parts: SimBillParts): number {
  return dollars(parts.gpu + parts.cpu + parts.ram + parts.disk);
}

/** What v0 calls compute: everything but the disk. */
export function computeOf(parts: SimBillParts): number {
  return dollars(parts.gpu + parts.cpu + parts.ram);
}
