import type { Offer } from '../../src/domain/offer.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { Choice } from '../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { DEFAULT_QUIRKS, drawQuirks } from '../../src/simulator/default-options.ts';
import type { Chance, FacadeQuirks } from '../../src/simulator/model.ts';
import { NO_FAULTS, type Outage, type WireFaults } from '../../src/simulator/wire-faults.ts';
import type { Stagehand } from './stagehand.ts';

/** 2026-01-29T12:00:00Z: an arbitrary instant that every world starts at. */
export const WORLD_START = Date.UTC(2026, 0, 29, 12);

export const ALL_APIS = ['vastai', 'tensordock-v2', 'tensordock-v0'] as const;
export type Api = (typeof ALL_APIS)[number];

/** The most by which the broker's clock can be off. */
export function clockSlackMs(plan: Pick<Plan, 'clockJumps'>): number {
  return plan.clockJumps.reduce((sum, { byMs }) => sum + Math.abs(byMs), 0);
}

/** When the broker's process dies. */
export type Crashes =
  | { readonly kind: 'never' }
  /** At random awaits, some time apart. */
  | {
      readonly kind: 'random';
      readonly count: number;
      readonly meanGapMs: number;
      readonly downMs: number;
    }
  /** At the n-th crossing of its boundary after a client asked for something. */
  | {
      readonly kind: 'after';
      readonly ask: 'create' | 'stop';
      readonly crossings: number;
      readonly downMs: number;
    };

/** Everything that a seed, or the author of a directed world, decides about a world before it starts. */
export interface Plan {
  readonly seed: number;
  /** No fault of any kind: then promises of time hold as well. */
  readonly isCalm: boolean;
  /** Which of the adapters the broker has. */
  readonly apis: readonly Api[];
  readonly hosts: { readonly vast: number; readonly tensordock: number };
  readonly faults: WireFaults;
  readonly quirks: FacadeQuirks;
  readonly badShare: number;
  readonly listLag: { readonly appearMs: number; readonly disappearMs: number };
  readonly lyingDeletes: number;
  /** Instances of other people, some with names like ours. */
  readonly foreign: number;
  /** Instances that carry our tag and that no row has heard of. */
  readonly orphans: number;
  /** Another deployment's broker works in the same account. */
  readonly hasNeighbour: boolean;
  readonly shell: { readonly latencyMs: number; readonly drops: number };
  readonly crashes: Crashes;
  /** The broker's wall clock is set by so much. */
  readonly clockJumps: readonly { readonly atMs: number; readonly byMs: number }[];
  readonly rateLimits: boolean;
  readonly sessions: number;
  /** How clients behave: as varied as programs are, or one straight way from the rental to its end. */
  readonly clients: 'varied' | 'straight' | 'stay';
  /** What clients choose among. */
  readonly wants: (offer: Offer) => boolean;
  /** Probability that a client sends its request twice at once. */
  readonly asksTwice: number;
  readonly choices: readonly Choice['kind'][];
  readonly reservationHours: readonly number[];
  /** From the world's start to the broker's. */
  readonly startAfterMs: number;
  readonly busyMs: number;
  /** Whether a person decides about what the broker holds. */
  readonly operator: 'decides' | 'away';
  /** What is arranged by hand in a directed world. */
  readonly script: (hand: Stagehand) => void;
  readonly policy: Policy;
}

/** A world in which nothing goes wrong, to be made worse in one respect. */
export const CALM_PLAN: Plan = {
  seed: 1,
  isCalm: true,
  apis: ALL_APIS,
  hosts: { vast: 4, tensordock: 4 },
  faults: { ...NO_FAULTS, latencyMs: { low: 50, high: 400 } },
  quirks: DEFAULT_QUIRKS,
  badShare: 0,
  listLag: { appearMs: 0, disappearMs: 0 },
  lyingDeletes: 0,
  foreign: 0,
  orphans: 0,
  hasNeighbour: false,
  shell: { latencyMs: 50, drops: 0 },
  crashes: { kind: 'never' },
  clockJumps: [],
  rateLimits: true,
  sessions: 1,
  clients: 'straight',
  wants: () => true,
  asksTwice: 0,
  choices: ['offer'],
  reservationHours: [2],
  startAfterMs: 0,
  busyMs: 8 * MINUTE_MS,
  operator: 'decides',
  script: () => {},
  policy: DEFAULT_POLICY,
};

/** A fault exists in a world or does not; where it exists its strength is drawn. */
function rate(chance: Chance, existsWith: number, upTo: number): number {
  const exists = chance.hit(existsWith);
  const strength = chance.next() * upTo;
  return exists ? strength : 0;
}

export function drawPlan(seed: number, root: Chance): Plan {
  const chance = root.fork('plan');
  const people = drawPeople(seed, chance.fork('people'));
  return chance.hit(0.12) ? people : { ...people, ...drawTrouble(chance, people.busyMs) };
}

/** Who is there, in any world. */
function drawPeople(seed: number, chance: Chance): Plan {
  return {
    ...CALM_PLAN,
    seed,
    apis: chance.pick([ALL_APIS, ALL_APIS, ['vastai', 'tensordock-v0'], ['tensordock-v0']]),
    hosts: { vast: chance.int(3, 9), tensordock: chance.int(3, 7) },
    foreign: chance.int(0, 8),
    orphans: chance.hit(0.3) ? chance.int(1, 3) : 0,
    hasNeighbour: chance.hit(0.15),
    sessions: chance.int(1, 8),
    clients: 'varied',
    asksTwice: 0.2,
    choices: ['offer', 'offer-or-like', 'requirements'],
    reservationHours: [0.1, 0.25, 1, 3],
    busyMs: chance.int(8, 30) * MINUTE_MS,
    policy: drawPolicy(chance.fork('policy')),
  };
}

/** What goes wrong. */
function drawTrouble(chance: Chance, busyMs: number): Partial<Plan> {
  return {
    isCalm: false,
    faults: drawFaults(chance.fork('faults'), busyMs),
    quirks: drawQuirks(chance.fork('quirks')),
    badShare: rate(chance, 0.6, 0.6),
    listLag: { appearMs: rate(chance, 0.4, 40_000), disappearMs: rate(chance, 0.4, 60_000) },
    lyingDeletes: rate(chance, 0.3, 0.5),
    shell: { latencyMs: chance.int(20, 2_000), drops: rate(chance, 0.4, 0.4) },
    crashes: drawCrashes(chance.fork('crashes')),
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

/** As far as a time service sets a clock in one step; what is further off is an operator's affair. */
const MAX_JUMP_MS = MINUTE_MS;

function drawJumps(chance: Chance, busyMs: number): Plan['clockJumps'] {
  if (chance.hit(0.75)) return [];
  return Array.from({ length: chance.int(1, 2) }, () => ({
    atMs: chance.int(0, busyMs),
    byMs: chance.int(-MAX_JUMP_MS, MAX_JUMP_MS),
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
