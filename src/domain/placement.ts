import type { ProviderApi } from './ids.ts';
import { type FailureCode, type Instance, isFinalInstance } from './instance.ts';
import type { MicroUsd } from './money.ts';
import { billedDiskGb, type Offer, type Price, priceWithDisk, totalPerHour } from './offer.ts';
import { matcherOf, type OfferFilter } from './offer-filter.ts';
import type { Policy } from './policy.ts';
import { expectedCost, type RankingTerms, rankingTerms } from './ranking.ts';
import { attemptsOfSearch, searchBeganAt } from './search.ts';
import {
  currentInstance,
  type OfferMeasure,
  type Preference,
  type RetryScope,
  type Session,
  type SessionRequest,
} from './session.ts';
import { meetsTemplate } from './template-filter.ts';
import type { EpochMs } from './time.ts';

/** How much dearer a replacement for a given offer may be, as a factor on that offer's price. */
const SCOPE_PRICE_FACTOR: Readonly<Record<RetryScope, number>> = {
  same_gpu: 1.2,
  same_vram: 1.5,
  any: 2,
};

/** An earlier attempt of the same session, as far as the choice of the next one follows from it. */
export type Tried = Pick<Instance, 'offer' | 'failure'>;

/** Offers that would serve the request, best first. `attempts` are the earlier ones, oldest first. */
export function candidates(
  offers: readonly Offer[],
  request: SessionRequest,
  attempts: readonly Tried[],
): readonly Offer[] {
  const tried = attempts.map(({ offer }) => offer);
  const fits = (offer: Offer): boolean =>
    offer.available &&
    isUntried(offer, tried) &&
    !attempts.some((attempt) => isTriedElsewise(offer, attempt)) &&
    !attempts.some((attempt) => isRuledOut(offer, attempt)) &&
    !attempts.some((attempt) => isBeyondSite(offer, attempt)) &&
    isAffordable(offer, request) &&
    hasDisk(offer, request) &&
    takesBid(offer, request) &&
    canKeepDisk(offer, request) &&
    hasPorts(offer, request) &&
    runsTemplate(offer, request);
  const isWanted = wantedBy(request, tried);
  const chosen = offers.filter((offer) => isWanted(offer) && fits(offer));
  return inOrder(oneASite(chosen), request, attempts);
}

/** Best first, and behind all others what stands close to where an attempt has failed. */
function inOrder(
  offers: readonly Offer[],
  request: SessionRequest,
  attempts: readonly Tried[],
): readonly Offer[] {
  const terms = rankingTerms(request);
  const best = offers
    .map((offer) => ({ offer, ranks: ranksOf(offer, request, terms) }))
    .toSorted(byRanks)
    .map(({ offer }) => offer);
  const isSuspect = (offer: Offer): boolean => attempts.some((one) => isCloseTo(offer, one));
  return [...best.filter((offer) => !isSuspect(offer)), ...best.filter(isSuspect)];
}

/** Of one site seen through two APIs the first that would serve: offers come with the preferred API's first. */
function oneASite(offers: readonly Offer[]): readonly Offer[] {
  const apis = new Map<string, ProviderApi>();
  return offers.filter(({ siteKey, api }) => {
    if (siteKey === undefined) return true;
    const first = apis.get(siteKey) ?? api;
    apis.set(siteKey, first);
    return first === api;
  });
}

/** Why a search for a machine that works goes on, or does not. */
export type SearchVerdict = 'goes_on' | 'is_over' | 'has_tried_enough' | 'is_out_of_time';

/** Whether another attempt may follow the failed ones; the reason lies with the last failure, the request and the time. */
export function mayRetry(session: Session, policy: Policy, now: EpochMs): boolean {
  return searchVerdict(session, policy, now) === 'goes_on';
}

export function searchVerdict(session: Session, policy: Policy, now: EpochMs): SearchVerdict {
  const last = currentInstance(session);
  if (session.runningAt !== undefined || !last || !isFinalInstance(last.state)) return 'is_over';
  // What was worked on is on that machine's disk and on no other.
  if (last.resumedAt !== undefined) return 'is_over';
  const isBound = session.request.choice.kind === 'offer' && session.interruptedAt === undefined;
  if (isBound || !isPromising(session, last)) return 'is_over';
  const attempts = attemptsOfSearch(session).length;
  if (attempts >= attemptsAllowed(session, policy)) return 'has_tried_enough';
  return now >= searchEndsAt(session, policy) ? 'is_out_of_time' : 'goes_on';
}

/** From when on no new attempt is begun. */
export function searchEndsAt(session: Session, policy: Policy): EpochMs {
  return searchBeganAt(session) + searchSpanMs(session, policy);
}

/** How long the search that is on may last. In the place of a lost machine none is looked for longer than it would be used. */
export function searchSpanMs({ request, leftMs }: Session, policy: Policy): number {
  return Math.min(request.searchTimeoutMs ?? policy.searchMs, leftMs ?? Number.POSITIVE_INFINITY);
}

/** How many attempts the search that is on is given. */
export function attemptsAllowed({ request, interruptedAt }: Session, policy: Policy): number {
  if (interruptedAt === undefined) return maxAttempts(request, policy);
  return Math.max(REPLACEMENT_ATTEMPTS, maxAttempts(request, policy));
}

/** In the place of a lost machine, however few were to be tried at first. */
const REPLACEMENT_ATTEMPTS = 3;

/** How many attempts a session is given in all. */
export function maxAttempts({ choice }: SessionRequest, policy: Policy): number {
  switch (choice.kind) {
    case 'offer':
      return 1;
    case 'offer-or-like':
      return choice.maxRetries + 1;
    case 'requirements':
      return policy.maxAttempts;
  }
}

/**
 * Servers that were reached for and stayed silent before it is taken to be their own fault: each is paid for, for long. A machine
 * that never came so far may be to blame itself, in a bad market many are, and so may an image that cannot be pulled.
 */
const MAX_SILENT_SERVERS = 2;
const MAX_SILENT_MACHINES = 4;

function isPromising(session: Session, { failure }: Instance): boolean {
  const isServer = session.request.workload.kind === 'entrypoint';
  if (isServer && isServersFault(attemptsOfSearch(session))) return false;
  return isElsewhereBetter(failure?.code);
}

function isServersFault(attempts: readonly Instance[]): boolean {
  const silent = attempts.filter(({ failure }) => failure && SILENT.includes(failure.code));
  const reached = silent.filter(({ endpoint }) => endpoint !== undefined);
  return reached.length >= MAX_SILENT_SERVERS || silent.length >= MAX_SILENT_MACHINES;
}

const SILENT: readonly FailureCode[] = ['never_ready', 'instance_failed', 'instance_stopped'];

/**
 * What an attempt has shown of more than its own offer: an API that is away or takes no credentials does so for each of its
 * offers, and an account without money is without it at every API of the marketplace.
 */
function isRuledOut(offer: Offer, { offer: tried, failure }: Tried): boolean {
  switch (failure?.code) {
    case 'insufficient_funds':
    case 'out_of_credit':
      return offer.provider === tried.provider;
    case 'unauthorized':
    case 'unavailable':
      return offer.api === tried.api;
    default:
      return false;
  }
}

/** A failure that another offer may not have. Bad input follows the request around. */
function isElsewhereBetter(code: FailureCode | undefined): boolean {
  switch (code) {
    case 'no_capacity':
    case 'not_found':
    case 'rate_limited':
    case 'unavailable':
    case 'malformed':
    case 'launch_unconfirmed':
    case 'never_ready':
    case 'instance_failed':
    case 'instance_lost':
    case 'instance_stopped':
    case 'outbid':
    case 'out_of_credit':
    case 'contract_expired':
    case 'host_offline':
    case 'wrong_machine':
    case 'no_driver':
    case 'price_changed':
    case 'unauthorized':
    case 'insufficient_funds':
      return true;
    case 'invalid':
    case 'image_unavailable':
    case undefined:
      return false;
  }
}

/** What the request wants, whatever it wants it for. */
function wantedBy(
  { choice, replaces }: SessionRequest,
  [first]: readonly Offer[],
): (offer: Offer) => boolean {
  switch (choice.kind) {
    case 'offer': {
      if (!first || !replaces) return ({ id }) => id === choice.offerId;
      // In the place of a machine that was lost: what is most like it.
      const lost = measureOf(first);
      return (offer) => isLike(offer, lost, 'same_gpu');
    }
    case 'offer-or-like': {
      const measure = choice.named ?? (first && measureOf(first));
      if (!measure) return ({ id }) => id === choice.offerId;
      return (offer) => isLike(offer, measure, choice.scope);
    }
    case 'requirements': {
      const matches = matcherOf(choice.filter);
      return (offer) => matches(offer) && runsImages(offer, choice.filter);
    }
  }
}

/** Our images, the model servers' and nearly every template's are made for CUDA: another maker's card is for whoever names it. */
export function runsImages(offer: Offer, { gpuTypes }: OfferFilter): boolean {
  return !isAmd(offer) || gpuTypes !== undefined;
}

function isAmd({ gpuVendor }: Pick<Offer, 'gpuVendor'>): boolean {
  return gpuVendor === 'amd';
}

export function measureOf(offer: Offer): OfferMeasure {
  const { gpuType, gpuCount, gpuVendor, vramGb, price } = offer;
  const vendor = gpuVendor === undefined ? {} : { gpuVendor };
  return { ...vendor, gpuType, gpuCount, vramGb, perHour: totalPerHour(price) };
}

function isLike(offer: Offer, named: OfferMeasure, scope: RetryScope): boolean {
  const ceiling = named.perHour * SCOPE_PRICE_FACTOR[scope];
  if (offer.gpuCount < named.gpuCount || totalPerHour(offer.price) > ceiling) return false;
  if (isAmd(offer) && !isAmd(named)) return false;
  switch (scope) {
    case 'same_gpu':
      return offer.gpuType === named.gpuType;
    case 'same_vram':
      return offer.vramGb >= named.vramGb;
    case 'any':
      return true;
  }
}

/** The site of a failed attempt through another API: worth trying only where it was the first API that failed. */
function isTriedElsewise(offer: Offer, { offer: tried, failure }: Tried): boolean {
  const isTwin = offer.siteKey !== undefined && offer.siteKey === tried.siteKey;
  const isApisOwn = failure?.code === 'unauthorized' || failure?.code === 'unavailable';
  return isTwin && offer.api !== tried.api && !isApisOwn;
}

/**
 * What shares a host, or a site and its model of GPU, with a machine that was rented and did not serve: likelier than others to
 * have the same fault, and still better than nothing.
 */
function isCloseTo(offer: Offer, { offer: tried, failure }: Tried): boolean {
  if (!failure || !OF_THE_MACHINE.includes(failure.code)) return false;
  if (offer.provider !== tried.provider) return false;
  const isOfOneHost = offer.hostId !== undefined && offer.hostId === tried.hostId;
  const isAtOneSite = offer.siteId !== undefined && offer.siteId === tried.siteId;
  return isOfOneHost || (isAtOneSite && offer.gpuType === tried.gpuType);
}

/** Failures that are the machine's, or its owner's, rather than the API's. */
const OF_THE_MACHINE: readonly FailureCode[] = [
  'never_ready',
  'instance_failed',
  'instance_lost',
  'instance_stopped',
  'host_offline',
  'wrong_machine',
  'no_driver',
];

/** A site sells the same model in several counts, under one id of its own: where it has not so many, it has no more of them either. */
function isBeyondSite(offer: Offer, { offer: tried, failure }: Tried): boolean {
  if (failure?.code !== 'no_capacity' || offer.siteKey === undefined) return false;
  return (
    offer.api === tried.api &&
    offer.providerId === tried.providerId &&
    offer.gpuType === tried.gpuType &&
    offer.gpuCount >= tried.gpuCount
  );
}

/** Neither the offer again, nor another slice of a machine that just failed. */
function isUntried(offer: Offer, tried: readonly Offer[]): boolean {
  return tried.every(
    (other) =>
      other.id !== offer.id &&
      (other.machineId === undefined || other.machineId !== offer.machineId),
  );
}

/** Whether what would be paid for it is within the request's ceiling. */
export function isAffordable(offer: Offer, request: SessionRequest): boolean {
  const perHour = totalPerHour(askedPrice(offer, request));
  return request.maxPricePerHour === undefined || perHour <= request.maxPricePerHour;
}

/** What the offer costs with the disk that was asked for: on demand, or at the bid. */
export function askedPrice(
  offer: Offer,
  { diskGb, bidPerHour }: Pick<SessionRequest, 'diskGb' | 'bidPerHour'>,
): Price {
  const price = priceWithDisk(offer, diskGb);
  return bidPerHour === undefined ? price : { ...price, gpu: bidPerHour, cpu: 0, ram: 0 };
}

/** Whether the market would take the bid now; every offer takes a request without one. */
export function takesBid(
  offer: Offer,
  { bidPerHour }: Pick<SessionRequest, 'bidPerHour'>,
): boolean {
  if (bidPerHour === undefined) return true;
  return offer.minBid !== undefined && offer.minBid <= bidPerHour && bidPerHour <= outright(offer);
}

/** What the machine costs on demand without its disk: nobody means to bid more for what can be had for less, and be outbid. */
export function outright({ price }: Offer): MicroUsd {
  return totalPerHour(price) - price.disk;
}

/** Whether its machine can be stopped with the disk kept, where the request wants that. */
export function canKeepDisk(
  offer: Offer,
  { keepsDisk }: Pick<SessionRequest, 'keepsDisk'>,
): boolean {
  return keepsDisk !== true || offer.preservable === true;
}

/** Whether the offer can give the disk that was asked for. */
export function hasDisk(offer: Offer, request: Pick<SessionRequest, 'diskGb'>): boolean {
  return offer.maxDiskGb === undefined || billedDiskGb(offer, request.diskGb) <= offer.maxDiskGb;
}

/** Ports that a server's offer has to open: its own, and SSH's, which machines have in any case. */
export function portsNeeded({ workload }: Pick<SessionRequest, 'workload'>): number {
  return workload.kind === 'entrypoint' ? workload.ports.length + 1 : 0;
}

/** Whether the offer can open the ports that were asked for. */
export function hasPorts(offer: Offer, request: Pick<SessionRequest, 'workload'>): boolean {
  return offer.maxOpenPorts === undefined || portsNeeded(request) <= offer.maxOpenPorts;
}

/** Whether the offer is one that the request's template runs on. */
export function runsTemplate(offer: Offer, { workload }: SessionRequest): boolean {
  const template = workload.kind === 'ssh' ? workload.template : undefined;
  return template === undefined || meetsTemplate(offer.facts, template.conditions ?? []);
}

/** By which offers are ordered: each entry decides where those before it are equal, and lower is better. */
type Ranks = readonly number[];

function ranksOf(offer: Offer, request: SessionRequest, terms: RankingTerms): Ranks {
  const price = askedPrice(offer, request);
  const cost = expectedCost(offer, price, terms).total;
  switch (preferenceOf(request)) {
    case 'expected_cost':
      return [cost, -offer.reliability];
    case 'price':
      return [totalPerHour(price), cost, -offer.reliability];
    case 'reliability':
      return [-offer.reliability, cost];
    case 'vram':
      return [-offer.vramGb, cost, -offer.reliability];
  }
}

/** By what offers for the request are ordered. */
export function preferenceOf({ choice }: SessionRequest): Preference {
  return choice.kind === 'requirements' ? choice.prefer : 'expected_cost';
}

interface Ranked {
  readonly offer: Offer;
  readonly ranks: Ranks;
}

function byRanks(left: Ranked, right: Ranked): number {
  for (let place = 0; place < left.ranks.length; place += 1) {
    const difference = (left.ranks[place] ?? 0) - (right.ranks[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.offer.id < right.offer.id ? -1 : 1;
}
