import type { Chance, Market, SimMs } from './model.ts';

/** How badly the network and the gateways in front of the façades behave. Rates are probabilities, 0 to 1. */
export interface WireFaults {
  /** A request's way there and back together. */
  readonly latencyMs: { readonly low: number; readonly high: number };
  /** Nothing listened: the request never left. */
  readonly refused: number;
  /** 500 with JSON; nothing happened behind it. */
  readonly serverErrorBefore: number;
  /** 502 with a gateway's HTML; nothing happened behind it. */
  readonly badGatewayBefore: number;
  /** 429; nothing happened behind it. */
  readonly rateLimited: number;
  /** An error that quotes the request with its credentials, in one form or another; nothing happened behind it. */
  readonly echoed: number;
  /** It happened, and no answer ever comes. */
  readonly lostAnswer: number;
  /** It happened, and the connection breaks instead of an answer. */
  readonly resetAfter: number;
  /** It happened, and the answer is a 500 or a 502. */
  readonly serverErrorAfter: number;
  /** It happened, and the JSON ends in the middle. */
  readonly cutBody: number;
  /** A list lacks its last items and says nothing of it. Counts beside the list stay what they were. */
  readonly shortList: number;
  /** A list is empty although there is something to list. */
  readonly emptyList: number;
  /** The request is handled twice, as a proxy that retries does. */
  readonly duplicated: number;
  /** A launch happened, and its caller is not told: silence, a reset, an error or half an answer. No other call is touched. */
  readonly lostLaunch: number;
  readonly outages: readonly Outage[];
}

/** A market that is down in `[from, to)`. */
export interface Outage {
  readonly market: Market;
  readonly from: SimMs;
  readonly to: SimMs;
  readonly as: 'refused' | 'bad_gateway' | 'silence';
}

export const NO_FAULTS: WireFaults = {
  latencyMs: { low: 0, high: 0 },
  refused: 0,
  serverErrorBefore: 0,
  badGatewayBefore: 0,
  rateLimited: 0,
  echoed: 0,
  lostAnswer: 0,
  resetAfter: 0,
  serverErrorAfter: 0,
  cutBody: 0,
  shortList: 0,
  emptyList: 0,
  duplicated: 0,
  lostLaunch: 0,
  outages: [],
};

const BEFORE = ['refused', 'serverErrorBefore', 'badGatewayBefore', 'rateLimited'] as const;
const AFTER = [
  'lostAnswer',
  'resetAfter',
  'serverErrorAfter',
  'cutBody',
  'shortList',
  'emptyList',
] as const;
/** The ways in which the caller of a launch is left without an answer. */
const LOSSES = ['lostAnswer', 'resetAfter', 'serverErrorAfter', 'cutBody'] as const;

/** What becomes of one request. */
export interface Fate {
  readonly thereMs: number;
  readonly backMs: number;
  readonly before: (typeof BEFORE)[number] | undefined;
  readonly after: (typeof AFTER)[number] | undefined;
  readonly isDuplicated: boolean;
  readonly isEchoed: boolean;
}

/** Draws the same number of times whatever the rates are, so that turning one fault off leaves the others where they were. */
export function drawFate(chance: Chance, faults: WireFaults): Fate {
  const latencyMs = chance.int(faults.latencyMs.low, faults.latencyMs.high);
  const thereMs = Math.floor(latencyMs * chance.next());
  return {
    thereMs,
    backMs: latencyMs - thereMs,
    before: firstHit(chance, faults, BEFORE),
    after: firstHit(chance, faults, AFTER),
    isDuplicated: chance.hit(faults.duplicated),
    // From a stream of its own: it came later than the others, whose worlds are to stay what they were.
    isEchoed: chance.fork('echo').hit(faults.echoed),
  };
}

/** What becomes of a launch, on top of what becomes of any request; drawn from a stream of its own. */
export function drawLaunchFate(chance: Chance, faults: WireFaults): Fate {
  const fate = drawFate(chance, faults);
  const stream = chance.fork('launch');
  return stream.hit(faults.lostLaunch) ? { ...fate, after: stream.pick(LOSSES) } : fate;
}

type Rate = (typeof BEFORE)[number] | (typeof AFTER)[number];

function firstHit<Name extends Rate>(
  chance: Chance,
  faults: WireFaults,
  names: readonly Name[],
): Name | undefined {
  const hits = names.filter((name) => chance.hit(faults[name]));
  return hits[0];
}
