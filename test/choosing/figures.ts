import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { MarketReport, Served } from './market-world.ts';

/** What is kept of one world, small enough to be sent from one process to another. */
export interface Tale {
  readonly seed: number;
  readonly mix: string;
  readonly strategy: string;
  readonly requests: readonly RequestTale[];
  readonly violations: readonly string[];
}

interface RequestTale {
  readonly atMs: number;
  readonly isSatisfiable: boolean;
  readonly attempts: number;
  /** Undefined where nobody was served. */
  readonly servedAfterMs?: number;
  /** Micro-dollars, of all launches and of those that served nobody. */
  readonly spent: number;
  readonly wasted: number;
  readonly launches: readonly LaunchTale[];
}

interface LaunchTale {
  readonly confidence: number;
  readonly hasServed: boolean;
  /** At which marketplace, and what was the matter with its host, as far as that is known of one that took nobody in. */
  readonly met: string;
  /** Micro-dollars. */
  readonly cost: number;
}

/** Which requests are counted. A broker that has just been set up knows nothing; after two hours it has met the market. */
export type Phase = 'all' | 'first two hours' | 'later';
const COLD_MS = 2 * HOUR_MS;

export interface Figures {
  readonly mix: string;
  readonly strategy: string;
  readonly phase: Phase;
  readonly worlds: number;
  /** Requests that the market could serve when they were made. */
  readonly requests: number;
  readonly served: number;
  readonly servedShare: number;
  readonly attemptsMedian: number;
  readonly attemptsP95: number;
  /** From the request to the machine that served it, in minutes. */
  readonly minutesMedian: number;
  readonly minutesP95: number;
  /** For these requests, and the share of it that went to launches which served nobody. */
  readonly spentUsd: number;
  readonly wasteShare: number;
  /** The same share with the requests that the market could not serve, for which most of what is spent is wasted. */
  readonly wasteShareOfAll: number;
}

/** What became of launches on one sort of hosts. */
export interface Toll {
  readonly met: string;
  readonly launches: number;
  readonly served: number;
  /** Of all that was spent in these worlds. */
  readonly wasteShare: number;
}

/** How often launches served that were shown with about this confidence. */
export interface CalibrationBin {
  /** Tenths: 0.8 stands for 0.75 up to 0.85. */
  readonly confidence: number;
  readonly launches: number;
  readonly shown: number;
  readonly came: number;
}

export function taleOf(
  { served, violations }: MarketReport,
  about: Pick<Tale, 'seed' | 'mix' | 'strategy'>,
): Tale {
  return {
    ...about,
    requests: served.map(requestTale),
    violations: violations.map(({ checker, message }) => `${checker}: ${message}`),
  };
}

function requestTale({ wish, isSatisfiable, course }: Served): RequestTale {
  const { launches, servedAfterMs, attempts } = course;
  const idle = launches.filter(({ hasServed }) => !hasServed);
  return {
    atMs: wish.atMs,
    isSatisfiable,
    attempts,
    ...(servedAfterMs === undefined ? {} : { servedAfterMs }),
    spent: sum(launches.map(({ cost }) => cost)),
    wasted: sum(idle.map(({ cost }) => cost)),
    launches: launches.map(({ confidence, hasServed, market, nature = 'stale', cost }) => ({
      confidence,
      hasServed,
      met: `${market}: ${nature}`,
      cost,
    })),
  };
}

/** Of worlds of one mix and one strategy. */
export function figuresOf(tales: readonly Tale[], phase: Phase): Figures {
  const [first] = tales;
  if (!first) throw new Error('no world was run');
  const counted = tales.flatMap(({ requests }) => requests).filter(({ atMs }) => isIn(phase, atMs));
  const asked = counted.filter(({ isSatisfiable }) => isSatisfiable);
  const times = asked.flatMap(({ servedAfterMs }) => servedAfterMs ?? []);
  const attempts = asked.map((request) => request.attempts);
  return {
    mix: first.mix,
    strategy: first.strategy,
    phase,
    worlds: tales.length,
    requests: asked.length,
    served: times.length,
    servedShare: times.length / asked.length,
    attemptsMedian: quantile(attempts, 0.5),
    attemptsP95: quantile(attempts, 0.95),
    minutesMedian: quantile(times, 0.5) / MINUTE_MS,
    minutesP95: quantile(times, 0.95) / MINUTE_MS,
    spentUsd: sum(asked.map((request) => request.spent)) / 1_000_000,
    wasteShare: wasteOf(asked),
    wasteShareOfAll: wasteOf(counted),
  };
}

function wasteOf(requests: readonly RequestTale[]): number {
  const spent = sum(requests.map((request) => request.spent));
  return spent === 0 ? 0 : sum(requests.map(({ wasted }) => wasted)) / spent;
}

function isIn(phase: Phase, atMs: number): boolean {
  return phase === 'all' || (phase === 'first two hours') === atMs < COLD_MS;
}

/** Every launch of these worlds, in tenths of the confidence with which its offer was chosen. */
export function calibrationOf(tales: readonly Tale[]): readonly CalibrationBin[] {
  const launches = tales.flatMap(({ requests }) => requests).flatMap((request) => request.launches);
  return Array.from({ length: 11 }, (_, tenth) => tenth / 10).flatMap((confidence) => {
    const own = launches.filter((launch) => Math.round(launch.confidence * 10) / 10 === confidence);
    if (own.length === 0) return [];
    const shown = sum(own.map((launch) => launch.confidence)) / own.length;
    const came = own.filter(({ hasServed }) => hasServed).length / own.length;
    return [{ confidence, launches: own.length, shown, came }];
  });
}

/** What was wasted on, in these worlds; the dearest first. */
export function tollsOf(tales: readonly Tale[]): readonly Toll[] {
  const launches = tales.flatMap(({ requests }) => requests).flatMap((request) => request.launches);
  const spent = sum(launches.map(({ cost }) => cost));
  return [...new Set(launches.map(({ met }) => met))]
    .map((met) => {
      const own = launches.filter((launch) => launch.met === met);
      const idle = own.filter(({ hasServed }) => !hasServed);
      const wasteShare = sum(idle.map(({ cost }) => cost)) / spent;
      return { met, launches: own.length, served: own.length - idle.length, wasteShare };
    })
    .toSorted((left, right) => right.wasteShare - left.wasteShare);
}

/** The least value that so large a share does not exceed; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
