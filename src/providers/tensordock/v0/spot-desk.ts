import { ProviderFailure } from '../../../domain/errors.ts';
import type { OfferId, ProviderInstanceId, Tag } from '../../../domain/ids.ts';
import { type MicroUsd, toUsd } from '../../../domain/money.ts';
import type { Offer } from '../../../domain/offer.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Bid, CallSubject } from '../../../ports/provider.ts';
import { MIN_DISK_GB } from '../listing.ts';
import type { V0Client } from './client.ts';
import { bidToTry, HEARD_FOR_MS, type KnownBids, withHeard } from './known-bids.ts';
import { type LaunchData, launchData } from './mapping.ts';
import type { BidVerdict } from './spot-wire.ts';

/** The API lists no prices of bids and tells of one at a time: at most so many are asked for beside each reading of the menu. */
const PROBES_A_REFRESH = 2;

/** What a launch by bid asks for. */
export interface BidOrder {
  readonly offer: Offer;
  readonly site: LaunchData;
  readonly diskGb: number;
  /** Micro-dollars an hour for the machine without its disk. */
  readonly bid: MicroUsd;
  /** Undefined for a bid that nobody means yet. */
  readonly tag?: Tag;
}

/** What is known of bids, and how they are made. Kept in memory: after a restart it is asked for again. */
export interface SpotDesk {
  /** The offers with the least bids that are known; what is not among them any more is forgotten. */
  priced(offers: readonly Offer[]): readonly Offer[];
  /** Asks for a few of the prices that are not known. Never fails: the menu does without. */
  probe(): Promise<void>;
  /** The fields of a bid that the market says it takes now; throws with the price that would do, where one was told. */
  accepted(order: BidOrder): Promise<Readonly<Record<string, string>>>;
  /** Fails with the price that would do, where one was told, when the market would not let a machine run again at its bid. */
  assertStillTaken(id: ProviderInstanceId, bid: Bid, about?: CallSubject): Promise<void>;
  /** Takes note of what a machine that was rented by bid costs, disk aside. False when that is more than was bid. */
  isAsBid(order: BidOrder, computePerHour: MicroUsd): boolean;
}

export function spotDesk(client: V0Client, clock: Clock): SpotDesk {
  const known = new Map<OfferId, KnownBids>();
  let shown: readonly Offer[] = [];
  let meaning: BidMeaning = 'machine';
  const knownOf = ({ id }: Offer): KnownBids | undefined => {
    const bids = known.get(id);
    return bids && clock.now() - bids.heardAt < HEARD_FOR_MS ? bids : undefined;
  };
  const hear = ({ offer, bid }: BidOrder, { isTaken, suggested }: BidVerdict): void => {
    const whole = suggested === undefined ? undefined : suggested + besideOf(offer, meaning);
    const heard = {
      bid,
      isTaken,
      at: clock.now(),
      ...(whole !== undefined && { suggested: whole }),
    };
    known.set(offer.id, withHeard(knownOf(offer), heard));
  };
  const probe = async (order: BidOrder): Promise<void> => {
    const price = order.bid - besideOf(order.offer, meaning);
    if (price > 0) hear(order, await client.probeBid(bidForm(order, price)));
  };
  return {
    priced(offers) {
      shown = offers;
      forgetAllBut(known, offers);
      return offers.map((offer) => withMinBid(offer, knownOf(offer)?.taken));
    },
    async probe() {
      const orders = worthTrying(shown, knownOf);
      await Promise.all(orders.map((order) => probe(order).catch(onlyProviderFailures)));
    },
    async accepted(order) {
      const price = order.bid - besideOf(order.offer, meaning);
      if (price <= 0) throw bidTooLow(undefined);
      const about = order.tag === undefined ? {} : { tag: order.tag };
      const verdict = await client.about(about).tryBid(bidForm(order, price));
      hear(order, verdict);
      if (!verdict.isTaken) throw bidTooLow(verdict.suggested);
      return { price_type: 'spot', price: dollarText(price) };
    },
    async assertStillTaken(id, { offer, perHour }, about = {}) {
      const price = perHour - besideOf(offer, meaning);
      const form = { server: id, price: dollarText(price) };
      const verdict = await client.about(about).tryExisting(form);
      if (!verdict.isTaken) throw bidTooLow(verdict.suggested);
    },
    isAsBid({ offer, bid }, computePerHour) {
      const excess = computePerHour - bid;
      if (excess <= ROUNDING) return true;
      const beside = besideOf(offer, 'gpus');
      if (meaning === 'machine' && Math.abs(excess - beside) <= ROUNDING) {
        meaning = 'gpus';
        known.clear();
      }
      return false;
    },
  };
}

/** No document says whether vCPUs and RAM are in a bid or beside it; the first machine's price tells. */
type BidMeaning = 'machine' | 'gpus';

/** Micro-dollars by which prices differ that were rounded part by part. */
const ROUNDING = 10;

function besideOf({ price }: Offer, meaning: BidMeaning): MicroUsd {
  return meaning === 'gpus' ? price.cpu + price.ram : 0;
}

/** An offer of no hostnode takes no bids. */
function worthTrying(
  offers: readonly Offer[],
  knownOf: (offer: Offer) => KnownBids | undefined,
): BidOrder[] {
  const orders = offers.flatMap((offer) => {
    const site = launchData(offer.adapterData);
    const bids = knownOf(offer);
    const { gpu, cpu, ram } = offer.price;
    const bid = bidToTry(bids, gpu + cpu + ram);
    if (!site || bid === undefined) return [];
    return [{ offer, site, diskGb: MIN_DISK_GB, bid, turn: turnOf(bids) }];
  });
  const inTurn = orders.toSorted(
    (left, right) => left.turn - right.turn || left.site.count - right.site.count,
  );
  return inTurn.slice(0, PROBES_A_REFRESH);
}

/** What has been begun is brought to a first yes, then other offers have theirs, and only then is any price refined. */
function turnOf(bids: KnownBids | undefined): number {
  if (bids === undefined) return 1;
  return bids.taken === undefined ? 0 : 2;
}

function withMinBid(offer: Offer, minBid: MicroUsd | undefined): Offer {
  return minBid === undefined ? offer : { ...offer, minBid };
}

function bidForm({ site, diskGb }: BidOrder, price: MicroUsd): Record<string, string> {
  return {
    hostnode: site.hostnode,
    gpu_model: site.v0Name,
    gpu_count: String(site.count),
    vcpus: String(site.vcpus),
    ram: String(site.ramGb),
    storage: String(Math.ceil(diskGb)),
    price: dollarText(price),
  };
}

function dollarText(amount: MicroUsd): string {
  return String(toUsd(amount));
}

/** The offer is good for whoever bids more, or pays what it costs on demand. */
function bidTooLow(suggested: MicroUsd | undefined): ProviderFailure {
  const hint = suggested === undefined ? '' : `; ${toUsd(suggested)} USD an hour would be taken`;
  return new ProviderFailure({
    kind: 'no_capacity',
    outcome: 'not_done',
    detail: `the market does not take the bid${hint}`,
    isForOrderOnly: true,
  });
}

function forgetAllBut(known: Map<OfferId, KnownBids>, offers: readonly Offer[]): void {
  const ids = new Set(offers.map(({ id }) => id));
  for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
}

function onlyProviderFailures(error: unknown): void {
  if (!(error instanceof ProviderFailure)) throw error;
}
