import type { SimHost, SimMs, SimTraffic } from './model.ts';

/** What went in and out of a machine at one moment, in GB. */
export interface Load {
  readonly at: SimMs;
  readonly downGb: number;
  readonly upGb: number;
}

export const NO_TRAFFIC: SimTraffic = { down: 0, up: 0 };

const MICRO_PER_USD = 1_000_000;
/** Dollars per GB; most hosts ask little or nothing, and a few as much as the image is worth (Vast.ai facts §6.3). */
const PRICES = [0, 0.002, 0.003, 0.005, 0.02] as const;
const IMAGE_GB = { least: 2, steps: 19 } as const;
/** What a session at a keyboard comes to, roughly, each time that the machine starts. */
const CHATTER_GB = 0.1;

/** Its number decides, so that no draw of an older world moves. */
export function hostTraffic({ machineId }: SimHost): SimTraffic {
  return {
    down: PRICES[machineId % PRICES.length] ?? 0,
    up: PRICES[(machineId + 1) % PRICES.length] ?? 0,
  };
}

/** A first start pulls the image; every start sends and receives a little. */
export function startLoad(
  image: string,
  { at, isFirst }: { readonly at: SimMs; readonly isFirst: boolean },
): Load {
  return { at, downGb: isFirst ? imageGb(image) : CHATTER_GB, upGb: CHATTER_GB };
}

/** Whole micro-dollars for what fell into `[from, to)`. */
export function chargedTraffic(
  loads: readonly Load[],
  rates: SimTraffic,
  { from, to }: { readonly from: SimMs; readonly to: SimMs },
): SimTraffic {
  const within = loads.filter(({ at }) => at >= from && at < to);
  const micro = (usd: number): number => Math.round(usd * MICRO_PER_USD);
  return {
    down: within.reduce((sum, { downGb }) => sum + micro(downGb * rates.down), 0),
    up: within.reduce((sum, { upGb }) => sum + micro(upGb * rates.up), 0),
  };
}

function imageGb(image: string): number {
  const mixed = [...image].reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9_973,
    7,
  );
  return IMAGE_GB.least + (mixed % IMAGE_GB.steps);
}
