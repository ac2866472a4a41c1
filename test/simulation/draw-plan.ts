import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { drawQuirks } from '../../src/simulator/default-options.ts';
import type { Chance } from '../../src/simulator/model.ts';
import type { Outage, WireFaults } from '../../src/simulator/wire-faults.ts';
import { AGENT_NATURES } from './agent.ts';
import {
  ALL_APIS,
  CALM_PLAN,
  type Crashes,
  NEIGHBOUR_ID,
  type Plan,
  type Relapses,
  WORLD_START,
} from './plan.ts';

/** A fault exists in a world or does not; where it exists its strength is drawn. */
export function rate(chance: Chance, existsWith: number, upTo: number): number {
  const exists = chance.hit(existsWith);
  const strength = chance.next() * upTo;
  return exists ? strength : 0;
}

/** Who is there, in any world. */
export function drawPeople(seed: number, chance: Chance): Plan {
  return {
    ...CALM_PLAN,
    seed,
    apis: chance.pick([ALL_APIS, ALL_APIS, ['vastai', 'tensordock-v0'], ['tensordock-v0']]),
    hosts: { vast: chance.int(3, 9), tensordock: chance.int(3, 7) },
    foreign: chance.int(0, 8),
    orphans: chance.hit(0.3) ? chance.int(1, 3) : 0,
    neighbours: chance.hit(0.15) ? [NEIGHBOUR_ID] : [],
    sessions: chance.int(1, 8),
    clients: 'varied',
    asksTwice: 0.2,
    sendsKeys: true,
    choices: ['offer', 'offer-or-like', 'requirements'],
    reservationHours: [0.1, 0.25, 1, 3],
    busyMs: chance.int(8, 30) * MINUTE_MS,
    policy: drawPolicy(chance.fork('policy')),
    agents: drawAgents(chance.fork('agents')),
  };
}

/** Drawn aside, so that seeds from before there were agents are the worlds that they were, but for the few that have some. */
function drawAgents(chance: Chance): Plan['agents'] {
  const share = rate(chance, AGENTS_SHARE, 1);
  return { share, natures: AGENT_NATURES, thresholdMinutes: [1, 2, 4, 8] };
}

const AGENTS_SHARE = 0.1;

/** What goes wrong. */
export function drawTrouble(chance: Chance, busyMs: number): Partial<Plan> {
  return {
    isCalm: false,
    faults: drawFaults(chance.fork('faults'), busyMs),
    quirks: drawQuirks(chance.fork('quirks')),
    badShare: rate(chance, 0.6, 0.6),
    listLag: { appearMs: rate(chance, 0.4, 40_000), disappearMs: rate(chance, 0.4, 60_000) },
    lyingDeletes: rate(chance, 0.3, 0.5),
    shell: {
      latencyMs: chance.int(20, 2_000),
      drops: rate(chance, 0.4, 0.4),
      garbles: rate(chance.fork('garbles'), 0.3, 0.3),
    },
    crashes: drawCrashes(chance.fork('crashes')),
    relapses: drawRelapses(chance.fork('relapses')),
    clockJumps: drawJumps(chance.fork('jumps'), busyMs),
    rateLimits: chance.hit(0.7),
  };
}

function drawCrashes(chance: Chance): Crashes {
  if (chance.hit(0.4)) return { kind: 'never' };
  return {
    kind: 'random',
    count: chance.int(1, 6),
    meanGapMs: chance.int(5_000, 5 * MINUTE_MS),
    downMs: chance.int(500, 3 * MINUTE_MS),
  };
}

function drawRelapses(chance: Chance): Relapses {
  return { ...RELAPSES, probability: chance.hit(0.3) ? chance.next() : 0 };
}

/** The first calls of a life: its sweeps, its first lists, and the first steps of what it found. */
export const RELAPSES: Relapses = {
  probability: 1,
  inARow: 2,
  crossings: { low: 1, high: 40 },
};

/** As far as a time service sets a clock in one step; what is further off is an operator's affair. */
const MAX_JUMP_MS = MINUTE_MS;

function drawJumps(chance: Chance, busyMs: number): Plan['clockJumps'] {
  return chance.hit(0.75) ? [] : jumpsOf(chance, { busyMs, most: 2, upToMs: MAX_JUMP_MS });
}

export function jumpsOf(
  chance: Chance,
  {
    busyMs,
    most,
    upToMs,
  }: { readonly busyMs: number; readonly most: number; readonly upToMs: number },
): Plan['clockJumps'] {
  return Array.from({ length: chance.int(1, most) }, () => ({
    atMs: chance.int(0, busyMs),
    byMs: chance.int(-upToMs, upToMs),
  }));
}

/** Nets hide bugs: some worlds run without one of them. In some the hard limit comes before the reservation's end. */
function drawPolicy(chance: Chance): Policy {
  const net = chance.pick(['none', 'none', 'none', 'startupSweep', 'hardLimit'] as const);
  const policy: Policy = {
    ...DEFAULT_POLICY,
    destroyLimitPerSweep: chance.pick([10, 10, 1, 0]),
    isSweepDryRun: chance.hit(0.05),
  };
  const hardLimitMs = chance.pick([DEFAULT_POLICY.hardLimitMs, 12 * MINUTE_MS]);
  if (net === 'none') return { ...policy, hardLimitMs };
  return { ...policy, nets: { ...policy.nets, [net]: false } };
}

function drawFaults(chance: Chance, busyMs: number): WireFaults {
  return {
    latencyMs: { low: chance.int(10, 200), high: chance.int(200, 6_000) },
    refused: rate(chance, 0.4, 0.1),
    serverErrorBefore: rate(chance, 0.4, 0.1),
    badGatewayBefore: rate(chance, 0.3, 0.1),
    rateLimited: rate(chance, 0.4, 0.15),
    echoed: 0,
    lostAnswer: rate(chance, 0.5, 0.2),
    resetAfter: rate(chance, 0.4, 0.1),
    serverErrorAfter: rate(chance, 0.4, 0.1),
    cutBody: rate(chance, 0.4, 0.1),
    shortList: rate(chance, 0.4, 0.15),
    emptyList: rate(chance, 0.3, 0.15),
    duplicated: rate(chance, 0.3, 0.1),
    lostLaunch: 0,
    outages: drawOutages(chance.fork('outages'), busyMs),
  };
}

/** Windows in which one marketplace does not answer, in one of the three ways of not answering. */
function drawOutages(chance: Chance, busyMs: number): readonly Outage[] {
  if (chance.hit(0.6)) return [];
  return Array.from({ length: chance.int(1, 3) }, () => {
    const from = WORLD_START + chance.int(0, busyMs);
    return {
      market: chance.pick(['vastai', 'tensordock'] as const),
      from,
      to: from + chance.int(5 * SECOND_MS, 6 * MINUTE_MS),
      as: chance.pick(['refused', 'bad_gateway', 'silence'] as const),
    };
  });
}
