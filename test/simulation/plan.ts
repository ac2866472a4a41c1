import type { Offer } from '../../src/domain/offer.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { Ranking } from '../../src/domain/ranking.ts';
import { type Choice, RETRY_SCOPES, type RetryScope } from '../../src/domain/session.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { DEFAULT_QUIRKS } from '../../src/simulator/default-options.ts';
import type { FacadeQuirks, ServiceNature } from '../../src/simulator/model.ts';
import type { Mix } from '../../src/simulator/vices.ts';
import { NO_FAULTS, type WireFaults } from '../../src/simulator/wire-faults.ts';
import type { Outbids } from '../../src/simulator/world.ts';
import type { Agents } from './agent.ts';
import type { RemoteConditions } from './fakes.ts';
import type { Fog } from './fog.ts';
import type { Stagehand } from './stagehand.ts';
import { UNWATCHED, type Watching } from './watching.ts';

/** 2026-01-29T12:00:00Z: an arbitrary instant that every world starts at. */
export const WORLD_START = Date.UTC(2026, 0, 29, 12);

export const DEPLOYMENT_ID = 'simdep01';
/** The neighbour's id begins with ours: whoever compares tags carelessly takes its instances for ours. */
export const NEIGHBOUR_ID = 'simdep01y';

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

/**
 * A life that follows a crash dies as well, at one of its first crossings: the second start comes upon what the first one
 * had only begun to mend.
 */
export interface Relapses {
  readonly probability: number;
  /** One after the other, at most. */
  readonly inARow: number;
  readonly crossings: { readonly low: number; readonly high: number };
}

/** What becomes of rented servers on hosts that are good. */
export interface Containers {
  /** One as likely as the other. */
  readonly services: readonly ServiceNature[];
  /** How long after it runs a machine's port mapping shows, at most. */
  readonly portLagMs: number;
  /** Whether a machine that is started again is reached at other ports. */
  readonly portsMove: boolean;
}

const GOOD_CONTAINERS: Containers = { services: ['serves'], portLagMs: 0, portsMove: false };

/** The database is copied, goes on for a while, and is lost; the next life of the broker starts on the copy. */
export interface Backup {
  readonly atMs: number;
  readonly restoredAfterMs: number;
}

/** What a world is about. A seed draws one. */
export const THEMES = [
  'mixed',
  'lost launches',
  'crowd',
  'stale backup',
  'bad lists',
  'clock',
  'two starts in a row',
  'blind nets',
  'disk full',
  'servers',
  'kept disks',
  'watched',
] as const;
export type Theme = (typeof THEMES)[number];

/** Everything that a seed, or the author of a directed world, decides about a world before it starts. */
export interface Plan {
  readonly seed: number;
  readonly theme: Theme;
  /** No fault of any kind: then promises of time hold as well. */
  readonly isCalm: boolean;
  /** Which of the adapters the broker has. */
  readonly apis: readonly Api[];
  readonly hosts: { readonly vast: number; readonly tensordock: number };
  readonly faults: WireFaults;
  readonly quirks: FacadeQuirks;
  readonly badShare: number;
  /** Makes of the hosts what it says, whatever share of them was bad before; undefined leaves them. */
  readonly mix: Mix | undefined;
  /** Prepaid dollars at each marketplace. */
  readonly creditUsd: number;
  readonly listLag: { readonly appearMs: number; readonly disappearMs: number };
  readonly lyingDeletes: number;
  /** Instances of other people, some with names like ours. */
  readonly foreign: number;
  /** Instances that carry our tag and that no row has heard of. */
  readonly orphans: number;
  /** Ids of other deployments in the same account, each with a broker, a database and clients of its own. */
  readonly neighbours: readonly string[];
  readonly shell: RemoteConditions;
  readonly crashes: Crashes;
  readonly relapses: Relapses;
  readonly backup: Backup | undefined;
  /** Times in which the providers' APIs are not to be believed. */
  readonly fogs: readonly Fog[];
  /** The broker's wall clock is set by so much. */
  readonly clockJumps: readonly { readonly atMs: number; readonly byMs: number }[];
  /** When the broker's disk takes no writes. */
  readonly fullDisks: readonly { readonly atMs: number; readonly durationMs: number }[];
  readonly rateLimits: boolean;
  /** How many of the clients want a server and no login. */
  readonly servers: number;
  readonly containers: Containers;
  readonly agents: Agents;
  readonly watching: Watching;
  /** How many of the clients keep their disks; the same come back to them. */
  readonly keepers: number;
  /** How many of the clients rent with a bid, where a market takes one. */
  readonly bidders: number;
  /** What other bidders do; null where there are none. */
  readonly outbids: Outbids | null;
  readonly sessions: number;
  /** How clients behave: as varied as programs are, or one straight way from the rental to its end. */
  readonly clients: 'varied' | 'straight' | 'stay';
  /** What clients choose among. */
  readonly wants: (offer: Offer) => boolean;
  /** Probability that a client sends its request twice at once. */
  readonly asksTwice: number;
  /** Whether clients send an `Idempotency-Key`. A session is kept for as long as its key may be used again: a day at least. */
  readonly sendsKeys: boolean;
  /** When a client sends its request, with its key, another time. */
  readonly asksAgain: 'without an answer' | 'after refusals too';
  readonly choices: readonly Choice['kind'][];
  /** How far from the offer that they chose clients let the broker go. */
  readonly scopes: readonly RetryScope[];
  /** How long clients let an attempt take; undefined leaves it to the provider. */
  readonly readyTimeoutMs: number | undefined;
  readonly reservationHours: readonly number[];
  /** From the world's start to the broker's. */
  readonly startAfterMs: number;
  readonly busyMs: number;
  /** Whether a person decides about what the broker holds. */
  readonly operator: 'decides' | 'away';
  /** What is arranged by hand in a directed world. */
  readonly script: (hand: Stagehand) => void;
  readonly policy: Policy;
  /** Another way of choosing than the broker's own. */
  readonly ranking?: Ranking;
}

/** A world in which nothing goes wrong, to be made worse in one respect. */
export const CALM_PLAN: Plan = {
  seed: 1,
  theme: 'mixed',
  isCalm: true,
  apis: ALL_APIS,
  hosts: { vast: 4, tensordock: 4 },
  faults: { ...NO_FAULTS, latencyMs: { low: 50, high: 400 } },
  quirks: DEFAULT_QUIRKS,
  badShare: 0,
  mix: undefined,
  creditUsd: 500,
  listLag: { appearMs: 0, disappearMs: 0 },
  lyingDeletes: 0,
  foreign: 0,
  orphans: 0,
  neighbours: [],
  shell: { latencyMs: 50, drops: 0, garbles: 0 },
  crashes: { kind: 'never' },
  relapses: { probability: 0, inARow: 0, crossings: { low: 1, high: 1 } },
  backup: undefined,
  fogs: [],
  clockJumps: [],
  fullDisks: [],
  rateLimits: true,
  servers: 0,
  containers: GOOD_CONTAINERS,
  agents: { share: 0, natures: ['rests'], thresholdMinutes: [4] },
  watching: UNWATCHED,
  keepers: 0,
  bidders: 0,
  outbids: null,
  sessions: 1,
  clients: 'straight',
  wants: () => true,
  asksTwice: 0,
  sendsKeys: true,
  asksAgain: 'without an answer',
  choices: ['offer'],
  scopes: RETRY_SCOPES,
  readyTimeoutMs: undefined,
  reservationHours: [2],
  startAfterMs: 0,
  busyMs: 8 * MINUTE_MS,
  operator: 'decides',
  script: () => {},
  policy: DEFAULT_POLICY,
};
