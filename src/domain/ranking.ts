import { diskNeedOf } from './model-disk.ts';
import { costOver, type MicroUsd } from './money.ts';
import { type Offer, type Price, type StartUp, totalPerHour } from './offer.ts';
import type { SessionRequest } from './session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';
import type { Workload } from './workload.ts';

/** What cannot be read off an offer and still decides between offers. Everything that the ranking assumes stands here. */
export const RANKING_WEIGHTS = {
  /**
   * What an hour of waiting for a machine is worth, in micro-dollars: about what a machine of the middle of the market costs.
   * People and pipelines wait with everything else that they have; without it a machine that comes up one time in ten would
   * be tried first for the sake of a cent.
   */
  waitingPerHour: 1_000_000,
  /**
   * Of the launches that come to nothing the share that got a machine, and with it a bill: 14 of 22 in the campaign that the
   * reports of early 2026 count out; the others are refused within seconds and cost nothing.
   */
  acceptedShare: 0.6,
  /** Of those the share that is charged as if it served: it runs, and takes no login or has a GPU that cannot be used. */
  runningShare: 0.5,
  /** How long a refusal takes. */
  refusalMs: 5 * SECOND_MS,
  /** GB that are downloaded before anything serves: our own small image, a template's, and a server's. */
  ownImageGb: 0.3,
  templateImageGb: 8,
  serverImageGb: 10,
  /** Megabits per second where an offer does not say: what marketplaces filter for at least. */
  usualMbps: 500,
  /** No estimate is taken to be surer than this of a failure: what is believed to be hopeless is tried last, and still tried. */
  leastChance: 0.01,
  /**
   * Below this a launch costs more in failures, at ten and more for each that serves, than an hour of waiting does: where waiting
   * is possible, the next one that is so unlikely is not tried before something better has been waited for.
   */
  unlikelyBelow: 0.1,
  unlikelyWaitMs: 15 * MINUTE_MS,
} as const;

/** Whether waiting for another offer is worth more than a launch of this one. */
export function isUnlikely({ availabilityConfidence }: Offer): boolean {
  return availabilityConfidence < RANKING_WEIGHTS.unlikelyBelow;
}

/** Puts offers that all fit a request into the order in which they are tried. */
export type Ranking = (fitting: readonly Offer[], request: SessionRequest) => readonly Offer[];

/** What offers are ranked for, read off a request once for all of them. */
export interface RankingTerms {
  readonly hours: number;
  /** GB that the machine downloads before it is of use. */
  readonly downloadGb: number;
  /** When one that does not come up is given up, in milliseconds. */
  readonly giveUpMs: (startUp: StartUp) => number;
}

export function rankingTerms({
  reservationHours,
  workload,
  readyTimeoutMs,
}: Pick<SessionRequest, 'reservationHours' | 'workload' | 'readyTimeoutMs'>): RankingTerms {
  const isServer = workload.kind === 'entrypoint';
  return {
    hours: reservationHours,
    downloadGb: downloadGb(workload),
    giveUpMs: (startUp) =>
      readyTimeoutMs ?? (isServer ? startUp.serverReadyTimeoutMs : startUp.readyTimeoutMs),
  };
}

/** What a working session on an offer is expected to cost in all, and what that is made of. Micro-dollars. */
export interface ExpectedCost {
  readonly total: MicroUsd;
  /** The price, for the whole reservation. */
  readonly rent: MicroUsd;
  /** What the way to a working machine costs where it goes well: traffic, what is billed meanwhile, and the wait. */
  readonly start: MicroUsd;
  /** What launches that come to nothing are expected to cost before one works, their wait included. */
  readonly failures: MicroUsd;
  /** Estimated probability that a launch reaches `running`. */
  readonly chance: number;
}

/**
 * The expected cost of a working session, if offers like this one were tried until one works. Of independent offers the order by
 * this figure is the one in which trying them one after the other costs least in expectation.
 */
export function expectedCost(offer: Offer, price: Price, terms: RankingTerms): ExpectedCost {
  const chance = Math.min(1, Math.max(RANKING_WEIGHTS.leastChance, offer.availabilityConfidence));
  const rent = totalPerHour(price) * terms.hours;
  const start = startCost(offer, price, terms);
  const failures = Math.round(((1 - chance) / chance) * failureCost(offer, price, terms));
  return { total: rent + start + failures, rent, start, failures, chance };
}

/** Of an hour on the machine as it is on the menu: what the menu can be sorted by. */
export function menuExpectedCost(offer: Offer): MicroUsd {
  return expectedCost(offer, offer.price, MENU_TERMS).total;
}

const MENU_TERMS = rankingTerms({ reservationHours: 1, workload: { kind: 'ssh' } });

/** As long as nothing is known: what most machines take. */
const USUAL_START_UP: StartUp = {
  bootMs: MINUTE_MS,
  readyTimeoutMs: 10 * MINUTE_MS,
  serverReadyTimeoutMs: 40 * MINUTE_MS,
  billedParts: [],
};

function startCost(offer: Offer, price: Price, { downloadGb: gb }: RankingTerms): MicroUsd {
  const { bootMs, billedParts } = offer.startUp ?? USUAL_START_UP;
  const durationMs = bootMs + downloadMs(gb, offer);
  return (
    trafficCost(gb, offer) +
    costOver(billedPerHour(price, billedParts), durationMs) +
    costOver(RANKING_WEIGHTS.waitingPerHour, durationMs)
  );
}

/** Of one launch that comes to nothing: mostly refused, else paid for until it is given up. */
function failureCost(offer: Offer, price: Price, terms: RankingTerms): MicroUsd {
  const { acceptedShare, runningShare, refusalMs, waitingPerHour } = RANKING_WEIGHTS;
  const startUp = offer.startUp ?? USUAL_START_UP;
  const givenUpMs = terms.giveUpMs(startUp);
  const idle = billedPerHour(price, startUp.billedParts);
  const billed = idle + runningShare * (totalPerHour(price) - idle);
  const accepted =
    trafficCost(terms.downloadGb, offer) + costOver(billed + waitingPerHour, givenUpMs);
  const refused = costOver(waitingPerHour, refusalMs);
  return acceptedShare * accepted + (1 - acceptedShare) * refused;
}

function billedPerHour(price: Price, parts: StartUp['billedParts']): MicroUsd {
  return parts.reduce((sum, part) => sum + price[part], 0);
}

function trafficCost(gb: number, { downloadMicroUsdPerGb = 0 }: Offer): MicroUsd {
  return Math.round(gb * downloadMicroUsdPerGb);
}

/** No download is waited for without end. */
const LONGEST_DOWNLOAD_MS = HOUR_MS;
const MEGABITS_PER_GB = 8_000;

function downloadMs(gb: number, { inetDownMbps }: Offer): number {
  const mbps = inetDownMbps ?? RANKING_WEIGHTS.usualMbps;
  return Math.min(LONGEST_DOWNLOAD_MS, ((gb * MEGABITS_PER_GB) / mbps) * SECOND_MS);
}

function downloadGb(workload: Workload): number {
  const { ownImageGb, templateImageGb, serverImageGb } = RANKING_WEIGHTS;
  switch (workload.kind) {
    case 'ssh':
      return workload.template ? templateImageGb : ownImageGb;
    case 'entrypoint':
      return serverImageGb + (diskNeedOf(workload)?.modelGb ?? 0);
  }
}
