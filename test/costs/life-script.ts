import type { Charge, Provider } from '../../src/ports/provider.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { createMarketplace, type SimMarket } from '../../src/simulator/market.ts';
import type { Chance, Market, SimBillParts } from '../../src/simulator/model.ts';
import { type HandClock, handClock } from '../simulator/hand-clock.ts';
import { orderOn, rentOn } from '../simulator/market-world.ts';
import { LifeOnMarket } from './life-on-market.ts';
import { type Api, providerOn } from './life-providers.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const APIS: readonly Api[] = ['vastai', 'tensordock-v2', 'tensordock-v0'];
/** Long stops are kept disks. */
const EVENTS = ['stop', 'stop', 'long stop', 'price', 'price', 'outbid', 'crash', 'crash'] as const;
type Event = (typeof EVENTS)[number] | 'stopped unseen';

/** What became of one life: what the ledger says, what the meter says, and what the provider says it charged. */
export interface Outcome {
  readonly seed: number;
  readonly api: Api;
  readonly events: readonly Event[];
  readonly life: LifeOnMarket;
  readonly booked: number;
  readonly billed: number;
  /** What nobody could know: micro-dollars by which the ledger may be off. */
  readonly doubt: number;
  /** Undefined where the API does not tell. */
  readonly charged: number | undefined;
  readonly endedAt: number;
}

export interface Script {
  readonly seed: number;
  /** What happens besides what chance brings. */
  readonly also?: readonly Event[];
}

interface Stage {
  readonly chance: Chance;
  readonly clock: HandClock;
  readonly market: SimMarket;
  readonly life: LifeOnMarket;
  readonly id: string;
  readonly api: Api;
}

/** A machine is rented, and up to six things happen to it before it is ended; some attempts fail before it ever runs. */
export async function liveOnce({ seed, also = [] }: Script): Promise<Outcome> {
  const stage = await rentOne(seed);
  const { chance, clock, market, life, id, api } = stage;
  await life.watch(chance.int(0, 90 * SECOND));
  const events = [...drawEvents(chance), ...also];
  if (events.length > 0) await life.watch(chance.int(6 * MINUTE, 10 * MINUTE));
  for (const event of events) {
    await happen(stage, event);
    await life.watch(chance.int(10 * SECOND, 40 * MINUTE));
  }
  await life.end();
  clock.advance(MINUTE);
  const charged = await chargedFor(id, { provider: providerOn(market, clock, api), clock });
  const billed = sumOf(market.bill(id));
  const { booked, doubt } = life;
  return { seed, api, events, life, booked, billed, doubt, charged, endedAt: clock.now() };
}

async function rentOne(seed: number): Promise<Stage> {
  const chance = createChance(`life ${seed}`);
  const api = chance.pick(APIS);
  const clock = handClock();
  const market = createMarketplace({ clock, chance, credit: { vastai: 1e6, tensordock: 1e6 } });
  const { host, order } = drawOrder(market, chance, api === 'vastai' ? 'vastai' : 'tensordock');
  const { id } = await rentOn(market, host, order);
  const provider = providerOn(market, clock, api);
  const price = agreedAtFirst(market, id);
  const life = new LifeOnMarket({ clock, market, provider, watchMs: 5 * SECOND }, { id, price });
  return { chance, clock, market, life, id, api };
}

function drawOrder(market: SimMarket, chance: Chance, kind: Market) {
  const good = market
    .hosts(kind)
    .filter(({ nature, diskGb }) => nature === 'good' && diskGb >= 500);
  const host = chance.pick(good);
  const gpuCount = chance.int(1, host.gpuCount);
  const interruptible = kind === 'vastai' && chance.hit(0.3);
  const bid = interruptible ? Math.round(host.rates.minBid * gpuCount * 1.3 * 1e6) / 1e6 : null;
  const usual = { ...orderOn(host), dedicatedIp: host.dedicatedIps };
  return { host, order: { ...usual, gpuCount, diskGb: chance.int(100, 400), interruptible, bid } };
}

/** A first look may come when the GPU is not charged yet; then its price is learnt by it. */
function agreedAtFirst(market: SimMarket, id: string): SimBillParts {
  const { gpu, cpu, ram, disk } = market.rate(id);
  const micro = (usd: number): number => Math.round(usd * 1e6);
  return { gpu: micro(gpu), cpu: micro(cpu), ram: micro(ram), disk: micro(disk) };
}

function drawEvents(chance: Chance): readonly Event[] {
  if (chance.hit(0.15)) return [];
  return Array.from({ length: chance.int(1, 6) }, () => chance.pick(EVENTS));
}

async function happen(stage: Stage, event: Event): Promise<void> {
  const { chance, market, life, id } = stage;
  switch (event) {
    case 'price':
      market.reprice(id, 0.5 + chance.next());
      return;
    case 'crash':
      return life.miss(chance.int(10 * SECOND, 40 * MINUTE));
    case 'outbid':
      if (!market.outbid(id)) market.stopByMarket(id);
      await life.watch(chance.int(10 * SECOND, 20 * MINUTE));
      market.regain(id);
      if (chance.hit(0.5)) market.start(id);
      return;
    case 'stopped unseen':
      life.miss(5 * MINUTE);
      market.stopByMarket(id);
      return life.miss(10 * MINUTE);
    case 'stop':
      return stopFor(stage, chance.int(0, 20 * MINUTE));
    case 'long stop':
      return stopFor(stage, 12 * 60 * MINUTE);
  }
}

async function stopFor({ market, life, id, api }: Stage, durationMs: number): Promise<void> {
  market.stop(id, { release: api !== 'tensordock-v2' });
  life.noteTaken('stopping');
  await life.watch(durationMs);
  market.start(id);
  life.noteTaken('starting');
}

async function chargedFor(
  id: string,
  { provider, clock }: { readonly provider: Provider; readonly clock: HandClock },
): Promise<number | undefined> {
  const window = { from: clock.now() - 30 * 24 * 60 * MINUTE, to: clock.now() };
  const charges: readonly Charge[] | undefined = await provider.charges?.(window);
  return charges?.find((charge) => charge.id === id)?.total;
}

function sumOf({ gpu, cpu, ram, disk }: SimBillParts): number {
  return gpu + cpu + ram + disk;
}
