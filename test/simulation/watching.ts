import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Mishap, MishapKind } from '../../src/simulator/inner-life.ts';
import {
  type Chance,
  type HostDefect,
  WORK_NATURES,
  type WorkNature,
} from '../../src/simulator/model.ts';
import type { DriverLuck } from '../../src/simulator/world.ts';

/** What there is to be seen in machines, and what of it people have asked to be watched; shares from 0 to 1. */
export interface Watching {
  /** Clients whose sessions run only on the GPUs that were offered. */
  readonly gpuReady: number;
  /** Clients who get another machine where the market takes theirs. */
  readonly replacers: number;
  /** Clients whose machines are not to be idle, agent or none. */
  readonly idlers: number;
  /** Hosts that are not what they say. */
  readonly defects: number;
  /** What every host has; undefined leaves it to the draw. */
  readonly flaw: HostDefect | undefined;
  readonly drivers: DriverLuck;
  /** What people do with their machines, one as likely as the other. */
  readonly work: readonly WorkNature[];
  readonly mishaps: readonly Mishap[];
}

/** Machines that are what they are, do nothing, and meet with nothing. */
export const UNWATCHED: Watching = {
  gpuReady: 0,
  replacers: 0,
  idlers: 0,
  defects: 0,
  flaw: undefined,
  drivers: { fails: 0, wantsReboot: 0 },
  work: ['rests'],
  mishaps: [],
};

/** How long each lasts where it passes by itself: hosts are away for minutes, or for good. */
const LASTS: Readonly<Record<MishapKind, Mishap['lastMs']>> = {
  'keys lost': { low: 0, high: 0 },
  reinstalled: { low: 0, high: 0 },
  'another machine': { low: 0, high: 0 },
  offline: { low: 20 * SECOND_MS, high: 25 * MINUTE_MS },
  'logins stall': { low: 20 * SECOND_MS, high: 8 * MINUTE_MS },
};

function mishap(kind: MishapKind, share: number, within: Mishap['afterMs']): Mishap {
  return { kind, share, afterMs: within, lastMs: LASTS[kind] };
}

function hostsGone(share: number, within: Mishap['afterMs']): Mishap {
  const forGood = 1_000 * HOUR_MS;
  return { kind: 'offline', share, afterMs: within, lastMs: { low: forGood, high: forGood } };
}

const EVERY_MISHAP: readonly MishapKind[] = [
  'keys lost',
  'reinstalled',
  'another machine',
  'offline',
  'logins stall',
];

/** Something of all of it, each of it in some worlds and not in others. */
export function drawWatching(chance: Chance, busyMs: number): Watching {
  const share = (name: string, existsWith: number, upTo: number): number => {
    const draws = chance.fork(name);
    return draws.hit(existsWith) ? draws.next() * upTo : 0;
  };
  const within = { low: 0, high: Math.floor(busyMs / 2) };
  const isForGood = chance.fork('for good').hit(0.3);
  return {
    gpuReady: share('ready', 0.6, 1),
    replacers: share('replacers', 0.7, 1),
    idlers: share('idlers', 0.6, 1),
    defects: share('defects', 0.5, 0.6),
    flaw: undefined,
    drivers: { fails: share('fails', 0.3, 0.4), wantsReboot: share('reboots', 0.5, 1) },
    work: chance.fork('work').hit(0.3) ? ['rests'] : WORK_NATURES,
    mishaps: [
      ...EVERY_MISHAP.map((kind) =>
        kind === 'offline' && isForGood
          ? hostsGone(share(kind, 0.6, 0.5), within)
          : mishap(kind, share(kind, 0.6, 0.8), within),
      ),
    ].filter((one) => one.share > 0),
  };
}

/** The same without what goes wrong: what is left is that people work, and some of them not always. */
export function calmWatching(watching: Watching): Watching {
  return {
    ...watching,
    defects: 0,
    mishaps: [],
    drivers: { ...watching.drivers, fails: 0 },
  };
}
