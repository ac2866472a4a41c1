import { drawBetween, drawWeighted, roundTo } from './host-draws.ts';
import type { Chance, HostNature, Market, SimHost } from './model.ts';

export type Vice = Exclude<HostNature, 'good'>;

/** How a market is bad: how much of it, in which ways, and what goes bad together. All of it is data; a seed draws from it. */
export interface Mix {
  readonly name: string;
  /** 0 to 1: how likely a host, or what it goes bad with, is bad. */
  readonly badShare: number;
  /** How often each vice is drawn there, against the others. */
  readonly vices: Readonly<Record<Market, ViceWeights>>;
  /**
   * `hosts`: each by itself. `owners and sites`: on Vast.ai all machines of one owner, on TensorDock all hostnodes with one GPU
   * model at one location; they share the vice as well.
   */
  readonly together: 'hosts' | 'owners and sites';
  /** From time to time each host, or what it goes bad with, is drawn anew: mean hours between; null = it stays what it is. */
  readonly redrawnEveryHours: number | null;
}

type ViceWeights = Readonly<Record<Vice, number>>;

const VICES: readonly Vice[] = [
  'stale',
  'never_boots',
  'never_lets_in',
  'boots_slowly',
  'breaks',
  'breaks_late',
  'wrong_gpus',
  'no_driver',
  'vanishes',
  'gets_stopped',
];

/**
 * What a live campaign met, in failures of each cause. Vast.ai (facts §17): 3 of 24 runs ended well, most of the others were
 * stale offers; hosts that loaded for ever, refused the key three times in a row, reported a GPU error, or lost the instance 8
 * to 15 min after its start are told of without a count, and are given one each or two. TensorDock (facts §8): 5 of 31, and of 22
 * failures 8 stale or without an address, 6 without a driver that came up in time, 4 stopped at once, 2 that refused
 * the key, 2 whose GPU was too slow to be what was rented.
 */
const AS_REPORTED: Readonly<Record<Market, ViceWeights>> = {
  vastai: {
    stale: 12,
    never_boots: 2,
    never_lets_in: 2,
    boots_slowly: 1,
    breaks: 1,
    breaks_late: 1,
    wrong_gpus: 1,
    no_driver: 0,
    vanishes: 1,
    gets_stopped: 0,
  },
  tensordock: {
    stale: 8,
    never_boots: 0,
    never_lets_in: 2,
    boots_slowly: 0,
    breaks: 0,
    breaks_late: 0,
    wrong_gpus: 2,
    no_driver: 6,
    vanishes: 0,
    gets_stopped: 4,
  },
};

/** Each vice as likely as the others: harder than any report, since only one in ten costs nothing. */
const EACH_ALIKE: ViceWeights = {
  stale: 1,
  never_boots: 1,
  never_lets_in: 1,
  boots_slowly: 1,
  breaks: 1,
  breaks_late: 1,
  wrong_gpus: 1,
  no_driver: 1,
  vanishes: 1,
  gets_stopped: 1,
};

const ALIKE = { vastai: EACH_ALIKE, tensordock: EACH_ALIKE };
const STAYS = { together: 'hosts', redrawnEveryHours: null } as const;

export const MIXES = {
  'all good': { name: 'all good', badShare: 0, vices: ALIKE, ...STAYS },
  '30 % bad': { name: '30 % bad', badShare: 0.3, vices: ALIKE, ...STAYS },
  '60 % bad': { name: '60 % bad', badShare: 0.6, vices: ALIKE, ...STAYS },
  '80 % bad': { name: '80 % bad', badShare: 0.8, vices: ALIKE, ...STAYS },
  '60 % bad as reported': {
    name: '60 % bad as reported',
    badShare: 0.6,
    vices: AS_REPORTED,
    ...STAYS,
  },
  '60 % bad owners and sites': {
    name: '60 % bad owners and sites',
    badShare: 0.6,
    vices: ALIKE,
    together: 'owners and sites',
    redrawnEveryHours: null,
  },
  '60 % bad and changing': {
    name: '60 % bad and changing',
    badShare: 0.6,
    vices: ALIKE,
    together: 'hosts',
    redrawnEveryHours: 12,
  },
} as const satisfies Readonly<Record<string, Mix>>;

/**
 * Of the bad hosts on Vast.ai one in three shows it in the reliability that it is offered with: the score counts uptime (facts
 * §6), which tells of a machine that goes away and not of one whose driver is missing, whose offer is stale, or which takes no key.
 * TensorDock's is made from the location's tier, which nobody has seen to follow from what happens there (§2).
 */
const TELLING_SHARE = 1 / 3;
/** New machines start at about 0.60 (facts §6), and good ones are rarely below 0.95 once they are verified. */
const TELLING_RELIABILITY = { low: 0.6, high: 0.95 };

/** The same hosts as this mix makes them at first. */
export function withVices(
  hosts: readonly SimHost[],
  { mix, chance }: { readonly mix: Mix; readonly chance: Chance },
): readonly SimHost[] {
  return hosts.map((host) => {
    const nature = natureOf(host, { mix, chance, turn: 0 });
    return { ...host, nature, reliability: shownReliability(host, nature, chance) };
  });
}

/** What a host is in the n-th time that it is drawn; whatever goes bad together draws the same. */
export function natureOf(
  host: SimHost,
  { mix, chance, turn }: { readonly mix: Mix; readonly chance: Chance; readonly turn: number },
): HostNature {
  const draws = chance.fork(`${fateOf(host, mix)} ${turn}`);
  if (!draws.hit(mix.badShare)) return 'good';
  const weights = mix.vices[host.market];
  return drawWeighted(
    draws,
    VICES.map((vice) => ({ vice, weight: weights[vice] })),
  ).vice;
}

/** The name of what a host goes bad with. */
export function fateOf(host: SimHost, { together }: Pick<Mix, 'together'>): string {
  if (together === 'hosts') return `host ${host.id}`;
  return host.market === 'vastai'
    ? `owner ${host.ownerId}`
    : `site ${host.locationId} ${host.gpu.v0Name}`;
}

function shownReliability(host: SimHost, nature: HostNature, chance: Chance): number {
  if (host.market === 'tensordock' || nature === 'good') return host.reliability;
  const draws = chance.fork(`reliability ${host.id}`);
  const { low, high } = TELLING_RELIABILITY;
  return draws.hit(TELLING_SHARE) ? roundTo(drawBetween(draws, low, high), 4) : host.reliability;
}
