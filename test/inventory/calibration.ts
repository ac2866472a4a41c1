import type { Instance } from '../../src/domain/instance.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { createChance } from '../../src/simulator/chance.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { instance, offer, START, session, sessionId } from '../support/builders.ts';

/** A made-up marketplace: what is the matter with its machines is drawn once, and holds for this long on average. */
export interface MarketKind {
  readonly name: string;
  /** Of machines, how many are of each sort; the chance that a launch there serves. */
  readonly machines: readonly { readonly weight: number; readonly serves: number }[];
  /** Share of launches anywhere whose offer turns out to be gone, whatever the machine is. */
  readonly goneShare: number;
  /** Hours after which half of the machines are drawn anew; undefined = they stay what they are. */
  readonly renewedAfterHours?: number;
  /** What adapters give, for all or for each machine, as a factor on its reliability. */
  readonly prior: number;
  /** Whether callers take the best of those that they look at, or any. */
  readonly picks: 'any' | 'best of ten' | 'best';
}

export interface Shown {
  readonly confidence: number;
  readonly hasServed: boolean;
}

const MACHINES = 80;
/** Slices of a machine that are offers of their own. */
const OFFERS_EACH = 2;
const LAUNCH_EVERY_MS = 6 * MINUTE_MS;

interface Machine {
  readonly offers: readonly Offer[];
  serves: number;
}

/** Launches one after the other, each shown with what the record said of it before. */
export function launchesOn(
  kind: MarketKind,
  { seed, launches }: { readonly seed: string; readonly launches: number },
): readonly Shown[] {
  const chance = createChance(seed).fork(kind.name);
  const record = new TrackRecord();
  const machines = Array.from({ length: MACHINES }, (_, index) => machineOf(kind, chance, index));
  return Array.from({ length: launches }, (_, number) => {
    const now = START + number * LAUNCH_EVERY_MS;
    renewSome(kind, machines, chance);
    const machine = pick(kind, { machines, record, chance, now });
    const list = fresh([chance.pick(machine.offers)], now);
    const [given, shown] = [list[0], record.estimated(list, now)[0]];
    if (!given || !shown) throw new Error('a machine has offers');
    const rented = record.withOdds(shown, given, now);
    const isGone = chance.hit(kind.goneShare);
    const hasServed = !isGone && chance.hit(machine.serves);
    record.learn(launched(number, rented, { now, isGone, hasServed }), now);
    return { confidence: rented.availabilityConfidence, hasServed };
  });
}

export interface Bin {
  /** To the nearest tenth. */
  readonly confidence: number;
  readonly launches: number;
  /** Means, 0 to 1. */
  readonly shown: number;
  readonly came: number;
}

export function binsOf(all: readonly Shown[]): readonly Bin[] {
  return Array.from({ length: 11 }, (_, tenth) => tenth / 10).flatMap((confidence) => {
    const own = all.filter((one) => Math.round(one.confidence * 10) / 10 === confidence);
    if (own.length === 0) return [];
    const shown = meanOf(own.map((one) => one.confidence));
    const came = meanOf(own.map(({ hasServed }) => Number(hasServed)));
    return [{ confidence, launches: own.length, shown, came }];
  });
}

/** The mean squared distance between what was shown and what came: 0 is a seer, 0.25 a coin (Brier). */
export function brierOf(all: readonly Shown[]): number {
  return meanOf(all.map(({ confidence, hasServed }) => (confidence - Number(hasServed)) ** 2));
}

/** What one gets who only ever says the share of all launches that serve. */
export function baseBrierOf(all: readonly Shown[]): number {
  const share = meanOf(all.map(({ hasServed }) => Number(hasServed)));
  return share * (1 - share);
}

export function tableOf(bins: readonly Bin[]): string {
  const rows = bins.map(({ confidence, launches, shown, came }) =>
    [confidence.toFixed(1), launches, shown.toFixed(3), came.toFixed(3)].join('\t'),
  );
  return ['about\tlaunches\tshown\tcame', ...rows].join('\n');
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function machineOf(kind: MarketKind, chance: Chance, index: number): Machine {
  const reliability = 0.9 + 0.1 * chance.next();
  const offers = Array.from({ length: OFFERS_EACH }, (_, slice) =>
    offer({
      id: `m${index}-${slice}`,
      machineId: `m${index}`,
      hostId: `host-${index % 25}`,
      reliability,
      availabilityConfidence: kind.prior * reliability,
    }),
  );
  return { offers, serves: drawServes(kind, chance) };
}

function drawServes({ machines }: MarketKind, chance: Chance): number {
  let left = chance.next() * machines.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, serves } of machines) {
    left -= weight;
    if (left < 0) return serves;
  }
  return 0;
}

function renewSome(kind: MarketKind, machines: readonly Machine[], chance: Chance): void {
  const { renewedAfterHours } = kind;
  if (renewedAfterHours === undefined) return;
  const share = 1 - 0.5 ** (LAUNCH_EVERY_MS / (renewedAfterHours * 60 * MINUTE_MS));
  for (const machine of machines) if (chance.hit(share)) machine.serves = drawServes(kind, chance);
}

function fresh(offers: readonly Offer[], now: number): readonly Offer[] {
  return offers.map((one) => ({ ...one, fetchedAt: now }));
}

interface Picking {
  readonly machines: readonly Machine[];
  readonly record: TrackRecord;
  readonly chance: Chance;
  readonly now: number;
}

function pick({ picks }: MarketKind, { machines, record, chance, now }: Picking): Machine {
  const looked =
    picks === 'best'
      ? machines.slice(0, 30)
      : Array.from({ length: picks === 'any' ? 1 : 10 }, () => chance.pick(machines));
  const rated = looked.map((machine) => {
    const [first] = record.estimated(fresh(machine.offers.slice(0, 1), now), now);
    return { machine, confidence: first?.availabilityConfidence ?? 0 };
  });
  const [best] = rated.toSorted((left, right) => right.confidence - left.confidence);
  if (!best) throw new Error('a market has machines');
  // Most of the best are rented by others already.
  return picks === 'best' && chance.hit(0.7) ? chance.pick(machines) : best.machine;
}

function launched(
  number: number,
  rented: Offer,
  {
    now,
    isGone,
    hasServed,
  }: { readonly now: number; readonly isGone: boolean; readonly hasServed: boolean },
) {
  const failure: Pick<Instance, 'failure'> = isGone
    ? { failure: { code: 'no_capacity', message: '' } }
    : { failure: { code: 'never_ready', message: '' } };
  const id = sessionId(number);
  return session({
    id,
    instances: [
      instance({
        sessionId: id,
        offer: rented,
        state: hasServed ? 'launched' : 'gone',
        launchAttempts: 1,
        intendedAt: now,
        ...(hasServed ? { runningAt: now } : failure),
      }),
    ],
  });
}
