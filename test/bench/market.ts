import type { Offer } from '../../src/domain/offer.ts';

/**
 * Offers as real marketplaces have them, as many as are wanted and the same ones each time: a linear congruential generator
 * draws them.
 */
export function drawnOffers(count: number, fetchedAt: number): readonly Offer[] {
  const draw = generator(20_261_122);
  return Array.from({ length: count }, (_, index) => drawnOffer(index, fetchedAt, draw));
}

export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export const GPU_TYPES = [
  ['RTX 3090', 24],
  ['RTX 4090', 24],
  ['RTX 4090D', 24],
  ['RTX 5090', 32],
  ['RTX A6000', 48],
  ['RTX 6000 Ada', 48],
  ['L40S', 48],
  ['A100 PCIe', 40],
  ['A100 SXM4', 80],
  ['H100 PCIe', 80],
  ['H100 SXM', 80],
  ['H200', 141],
] as const;
export const PLACES = [
  ['California, US', 'US'],
  ['Texas, US', 'US'],
  ['Amsterdam, NL', 'NL'],
  ['Frankfurt, DE', 'DE'],
  ['Warsaw, PL', 'PL'],
  ['Tokyo, JP', 'JP'],
  ['Montreal, Quebec, CA', 'CA'],
  ['Sweden, SE', 'SE'],
] as const;
export const CUDA_VERSIONS = ['11.8', '12.2', '12.4', '12.8', '12.9', '13.0'] as const;

function drawnOffer(index: number, fetchedAt: number, draw: () => number): Offer {
  const pick = <Value>(values: readonly Value[]): Value => {
    const picked = values[Math.floor(draw() * values.length)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  };
  const [gpuType, vramGb] = pick(GPU_TYPES);
  const [location, country] = pick(PLACES);
  const gpuCount = pick([1, 1, 1, 2, 4, 8]);
  const perGpu = Math.round(vramGb * 8_000 * (0.6 + draw()));
  const providerId = String(20_000_000 + index);
  return {
    id: `vastai-${providerId}`,
    provider: 'vastai',
    api: 'vastai',
    providerId,
    gpuType,
    gpuCount,
    vramGb,
    price: { gpu: perGpu * gpuCount, cpu: 0, ram: 0, disk: 10_000 },
    diskMicroUsdPerGbHour: 200,
    includedDiskGb: 50,
    minDiskGb: 8,
    maxDiskGb: Math.round(100 + draw() * 1_900),
    location,
    country,
    reliability: Math.round((0.8 + draw() * 0.2) * 10_000) / 10_000,
    available: true,
    availabilityConfidence: Math.round((0.5 + draw() * 0.5) * 1_000) / 1_000,
    maxDurationHours: Math.round(draw() * 720),
    fetchedAt,
    cudaVersion: pick(CUDA_VERSIONS),
    cpuCores: pick([8, 16, 32, 64]),
    ramGb: pick([32, 64, 128, 256]),
    inetDownMbps: Math.round(draw() * 9_000) / 10,
    inetUpMbps: Math.round(draw() * 5_000) / 10,
    machineId: String(10_000 + Math.floor(index / 2)),
    interruptible: false,
    adapterData: {},
  };
}
