import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { drawPeople, drawTrouble, jumpsOf, RELAPSES, rate } from './draw-plan.ts';
import { FOG_KINDS, type Fog } from './fog.ts';
import { CALM_PLAN, type Plan, THEMES, type Theme } from './plan.ts';
import { calmWatching, drawWatching } from './watching.ts';

/** What a theme makes of the people of a world, who are drawn in the same way for all of them. */
type Draw = (people: Plan, chance: Chance) => Plan;

/** Half of all worlds are of everything; in the others one thing is as bad as it can be. */
const MIXED_SHARE = 0.57;
const SERVERS_SHARE = 0.08;
const KEPT_SHARE = 0.1;
const WATCHED_SHARE = 0.15;
const ASIDE: readonly Theme[] = ['servers', 'kept disks', 'watched'];

export function drawTheme(chance: Chance): Theme {
  // Drawn aside, so that seeds from before there were such are mostly about what they were about.
  if (chance.fork('servers').hit(SERVERS_SHARE)) return 'servers';
  if (chance.fork('kept disks').hit(KEPT_SHARE)) return 'kept disks';
  if (chance.fork('watched').hit(WATCHED_SHARE)) return 'watched';
  const [mixed, ...all] = THEMES;
  const others = all.filter((theme) => !ASIDE.includes(theme));
  return chance.hit(MIXED_SHARE) ? mixed : chance.pick(others);
}

export function drawPlan(seed: number, theme: Theme, root: Chance): Plan {
  const chance = root.fork('plan');
  const people = { ...drawPeople(seed, chance.fork('people')), theme };
  return DRAWS[theme](people, chance);
}

const DRAWS: Readonly<Record<Theme, Draw>> = {
  mixed: (people, chance) =>
    chance.hit(0.12)
      ? people
      : { ...people, ...drawTrouble(chance, people.busyMs), ...drawWatchers(people, chance) },
  'lost launches': lostLaunches,
  crowd,
  'stale backup': staleBackup,
  'bad lists': badLists,
  clock,
  'two starts in a row': twoStarts,
  'blind nets': blindNets,
  'disk full': diskFull,
  servers,
  'kept disks': keptDisks,
  watched,
};

/** In some worlds of everything machines are watched too: drawn aside, so that the others are what they were. */
function drawWatchers({ busyMs }: Plan, chance: Chance): Partial<Plan> {
  const draws = chance.fork('watching');
  return draws.hit(0.3) ? { watching: drawWatching(draws, busyMs) } : {};
}

/** Three of ten launches happen unheard. Nothing else is in the way of finding out but lists that lag, and a crash now and then. */
function lostLaunches(people: Plan, chance: Chance): Plan {
  return {
    ...people,
    isCalm: false,
    hosts: { vast: chance.int(8, 16), tensordock: chance.int(6, 12) },
    sessions: chance.int(4, 10),
    faults: { ...CALM_PLAN.faults, lostLaunch: 0.3 },
    listLag: { appearMs: rate(chance, 0.7, 40_000), disappearMs: rate(chance, 0.4, 60_000) },
    crashes: chance.hit(0.3) ? someCrashes(chance) : { kind: 'never' },
  };
}

/**
 * Ids that a careless eye takes for ours, or for one another: each is another one's beginning, or one character off.
 * None ends in x, which is what a foreign name appends to resemble one.
 */
export const LOOK_ALIKES = [
  'simdep01y',
  'simdep0',
  'simdep02',
  'simdepo1',
  'simdep1',
  'simdep010',
  'simdeb01',
  'imdep01',
];
const NEIGHBOURS = 4;

/** Five deployments in one account, and people. Each has few sessions, so that all together cost about one usual world. */
function crowd(people: Plan, chance: Chance): Plan {
  const busyMs = chance.int(8, 12) * MINUTE_MS;
  return {
    ...people,
    ...drawTrouble(chance, busyMs),
    busyMs,
    neighbours: pickSome(chance, LOOK_ALIKES, NEIGHBOURS),
    hosts: { vast: chance.int(8, 14), tensordock: chance.int(8, 14) },
    foreign: chance.int(8, 16),
    sessions: chance.int(1, 3),
    apis: chance.pick([['vastai', 'tensordock-v2'], ['vastai', 'tensordock-v0'], people.apis]),
  };
}

/** The broker goes on from a copy of its database that is up to some minutes old. */
function staleBackup(people: Plan, chance: Chance): Plan {
  const trouble = chance.hit(0.4) ? drawTrouble(chance, people.busyMs) : { isCalm: false };
  return {
    ...people,
    ...trouble,
    hosts: { vast: chance.int(6, 12), tensordock: chance.int(6, 10) },
    sessions: chance.int(2, 8),
    backup: {
      atMs: chance.int(0, Math.floor(people.busyMs * 0.7)),
      restoredAfterMs: chance.int(SECOND_MS, Math.floor(people.busyMs * 0.3)),
    },
  };
}

/** Lists that fail, are empty, short or cut, or that hide what there is, again and again; whoever rents stays. */
function badLists(people: Plan, chance: Chance): Plan {
  const busyMs = chance.int(12, 25) * MINUTE_MS;
  return {
    ...people,
    isCalm: false,
    busyMs,
    clients: 'stay',
    sessions: chance.int(2, 7),
    hosts: { vast: chance.int(6, 12), tensordock: chance.int(6, 10) },
    reservationHours: [1, 3],
    faults: {
      ...CALM_PLAN.faults,
      shortList: rate(chance, 0.6, 0.3),
      emptyList: rate(chance, 0.6, 0.3),
    },
    crashes: chance.hit(0.3) ? someCrashes(chance) : { kind: 'never' },
    fogs: drawFogs(chance.fork('fogs'), busyMs),
  };
}

/** Those that spoil lists alone: an API that denies each instance to its face, and for minutes, is rightly believed. */
const LIST_FOGS = FOG_KINDS.filter((kind) => kind !== 'forgets all');

function drawFogs(chance: Chance, busyMs: number): readonly Fog[] {
  const fogs: Fog[] = [];
  for (let atMs = chance.int(0, 2 * MINUTE_MS); atMs < busyMs; ) {
    const durationMs = chance.int(10 * SECOND_MS, 4 * MINUTE_MS);
    fogs.push({ kind: chance.pick(LIST_FOGS), atMs, durationMs });
    atMs += durationMs + chance.int(0, MINUTE_MS);
  }
  return fogs;
}

/** A clock that is wrong by hours and put right, or the other way round. */
function clock(people: Plan, chance: Chance): Plan {
  return {
    ...people,
    isCalm: false,
    clockJumps: jumpsOf(chance, { busyMs: people.busyMs, most: 4, upToMs: 3 * HOUR_MS }),
    crashes: chance.hit(0.5) ? someCrashes(chance) : { kind: 'never' },
    faults: { ...CALM_PLAN.faults, lostAnswer: rate(chance, 0.5, 0.1) },
  };
}

/** Whoever mends after a crash dies of it, once or twice. */
function twoStarts(people: Plan, chance: Chance): Plan {
  return {
    ...people,
    ...drawTrouble(chance, people.busyMs),
    crashes: someCrashes(chance),
    relapses: RELAPSES,
  };
}

const NETS = ['reconciler', 'startupSweep', 'hardLimit'] as const;

/** Without one of the nets, and without what only that one can mend. */
function blindNets(people: Plan, chance: Chance): Plan {
  const net = chance.pick(NETS);
  const plan = { ...people, ...drawTrouble(chance, people.busyMs) };
  const policy = { ...people.policy, nets: { ...DEFAULT_POLICY.nets, [net]: false } };
  return { ...(net === 'reconciler' ? undoubled(plan) : plan), policy };
}

/** A disk that is full now and then for minutes, while sessions' time runs out and the network is as bad as usual. */
function diskFull(people: Plan, chance: Chance): Plan {
  const trouble = chance.hit(0.5) ? drawTrouble(chance, people.busyMs) : { isCalm: false };
  return {
    ...people,
    ...trouble,
    reservationHours: [0.1, 0.25],
    sessions: chance.int(2, 8),
    fullDisks: Array.from({ length: chance.int(1, 4) }, () => ({
      atMs: chance.int(0, people.busyMs),
      durationMs: chance.int(5 * SECOND_MS, 6 * MINUTE_MS),
    })),
  };
}

const EVERY_SERVICE = ['serves', 'serves', 'exits', 'errors', 'hangs', 'loads for ever'] as const;

/** Containers that serve, and such as never do, at ports that show late or move; some people log in all the same. */
function servers(people: Plan, chance: Chance): Plan {
  const busyMs = chance.int(18, 35) * MINUTE_MS;
  const trouble = chance.hit(0.5) ? drawTrouble(chance, busyMs) : { isCalm: false };
  return {
    ...people,
    ...trouble,
    busyMs,
    servers: chance.pick([1, 1, 0.5]),
    clients: chance.pick(['varied', 'straight', 'stay']),
    sessions: chance.int(2, 7),
    hosts: { vast: chance.int(5, 10), tensordock: chance.int(5, 10) },
    ...chance.pick([{}, { readyTimeoutMs: 10 * MINUTE_MS }, { readyTimeoutMs: 25 * MINUTE_MS }]),
    containers: {
      services: chance.pick([['serves'], EVERY_SERVICE, EVERY_SERVICE]),
      portLagMs: rate(chance, 0.4, 2 * MINUTE_MS),
      portsMove: chance.hit(0.5),
    },
  };
}

/** Disks that are kept for minutes or too long, machines that are started again or taken meanwhile, and bids that are outdone. */
function keptDisks(people: Plan, chance: Chance): Plan {
  const busyMs = chance.int(15, 40) * MINUTE_MS;
  const trouble = chance.hit(0.5) ? drawTrouble(chance, busyMs) : { isCalm: false };
  const backup = {
    atMs: chance.int(0, Math.floor(busyMs * 0.7)),
    restoredAfterMs: chance.int(SECOND_MS, Math.floor(busyMs * 0.3)),
  };
  return {
    ...people,
    ...trouble,
    busyMs,
    keepers: chance.pick([1, 1, 0.6]),
    bidders: chance.pick([0, 0.5, 1]),
    outbids: chance.pick([
      null,
      {
        share: 0.7,
        afterMs: { low: 20_000, high: 600_000 },
        lastMs: { low: 60_000, high: 900_000 },
      },
    ]),
    ...(chance.hit(0.2) ? { backup } : {}),
    servers: rate(chance, 0.2, 1),
    sessions: chance.int(2, 8),
    hosts: { vast: chance.int(3, 10), tensordock: chance.int(3, 8) },
    reservationHours: [0.1, 0.25, 1],
    policy: {
      ...people.policy,
      preservedMaxAgeMs: chance.pick([DEFAULT_POLICY.preservedMaxAgeMs, 6 * MINUTE_MS]),
    },
  };
}

/** Machines that are not what they say, meet with mishaps, work, and rest; people who have that watched, some with agents too. */
function watched(people: Plan, chance: Chance): Plan {
  const busyMs = chance.int(20, 60) * MINUTE_MS;
  const drawn = drawWatching(chance.fork('watching'), busyMs);
  const trouble = chance.pick([
    { ...drawTrouble(chance, busyMs), watching: drawn },
    { isCalm: false, watching: drawn },
    { watching: calmWatching(drawn) },
  ]);
  return {
    ...people,
    busyMs,
    agents: { ...people.agents, share: rate(chance, 0.4, 1), thresholdMinutes: [2, 4, 8, 15] },
    clients: chance.pick(['varied', 'stay']),
    sessions: chance.int(2, 7),
    hosts: { vast: chance.int(5, 12), tensordock: chance.int(5, 12) },
    choices: chance.pick([['offer-or-like', 'requirements'], people.choices]),
    bidders: rate(chance, 0.3, 1),
    keepers: rate(chance, 0.2, 1),
    reservationHours: [0.25, 1, 3],
    orphans: 0,
    ...trouble,
    policy: {
      ...people.policy,
      ...chance.pick([{}, { hostOfflineGraceMs: 3 * MINUTE_MS }]),
    },
  };
}

/** Without what only the reconciler can mend: copies of a launch, and instances that no row has heard of. */
export function undoubled(plan: Plan): Plan {
  return { ...plan, orphans: 0, faults: { ...plan.faults, duplicated: 0 } };
}

function someCrashes(chance: Chance): Plan['crashes'] {
  return {
    kind: 'random',
    count: chance.int(1, 4),
    meanGapMs: chance.int(30 * SECOND_MS, 5 * MINUTE_MS),
    downMs: chance.int(500, 2 * MINUTE_MS),
  };
}

function pickSome<Item>(chance: Chance, items: readonly Item[], count: number): readonly Item[] {
  const left = [...items];
  return Array.from({ length: count }, () => left.splice(chance.int(0, left.length - 1), 1)).flat();
}
