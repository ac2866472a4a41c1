import { type EpochMs, HOUR_MS } from '../../domain/time.ts';

/** The models that were asked for of late, by the marketplace's names, the newest last. */
export interface OfferDemand {
  note(gpuName: string): void;
  names(): readonly string[];
}

const ASKED_FOR_MS = HOUR_MS;
/** More models than these share one answer's rows too thinly. */
const MAX_NAMES = 6;

export function createOfferDemand(now: () => EpochMs): OfferDemand {
  const askedAt = new Map<string, EpochMs>();
  return {
    note(gpuName) {
      askedAt.delete(gpuName);
      askedAt.set(gpuName, now());
      const [oldest] = askedAt.keys();
      if (askedAt.size > MAX_NAMES && oldest !== undefined) askedAt.delete(oldest);
    },
    names: () =>
      [...askedAt].filter(([, at]) => now() - at <= ASKED_FOR_MS).map(([gpuName]) => gpuName),
  };
}
