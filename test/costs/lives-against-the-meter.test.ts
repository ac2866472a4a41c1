import { expect, it } from 'vitest';
import { ledgerTotal, ledgerWithin } from '../../src/domain/billing.ts';
import { PRICE_PARTS } from '../../src/domain/offer.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { createMarketplace, type SimMarket } from '../../src/simulator/market.ts';
import type { Chance, Market, SimBillParts, SimHost } from '../../src/simulator/model.ts';
import { type HandClock, handClock } from '../simulator/hand-clock.ts';
import { orderOn, rentOn } from '../simulator/market-world.ts';
import { LifeOnMarket } from './life-on-market.ts';
import { type Api, providerOn } from './life-providers.ts';

const LIVES = Number(process.env['LIVES'] ?? 1_000);
const SECOND = 1_000;
const MINUTE = 60_000;
const CENT = 10_000;
const APIS: readonly Api[] = (process.env['APIS']?.split(',') as Api[] | undefined) ?? [
  'vastai',
  'tensordock-v2',
  'tensordock-v0',
];

interface Outcome {
  readonly seed: number;
  readonly api: Api;
  readonly events: string;
  readonly booked: number;
  readonly billed: number;
}

interface Stage {
  readonly chance: Chance;
  readonly clock: HandClock;
  readonly market: SimMarket;
  readonly life: LifeOnMarket;
  readonly id: string;
  readonly api: Api;
}

async function live(seed: number): Promise<Outcome> {
  const chance = createChance(`life ${seed}`);
  const api = chance.pick(APIS);
  const clock = handClock();
  const market = createMarketplace({ clock, chance, credit: { vastai: 1e6, tensordock: 1e6 } });
  const provider = providerOn(market, clock, api);
  const { host, order } = drawOrder(market, chance, api === 'vastai' ? 'vastai' : 'tensordock');
  const { id } = await rentOn(market, host, order);
  const price = microRates(market.rate(id));
  const life = new LifeOnMarket({ clock, market, provider, watchMs: 5 * SECOND }, { id, price });
  const stage = { chance, clock, market, life, id, api };
  const events: string[] = [];
  await life.watch(chance.int(0, 90 * SECOND));
  // A failed attempt ends before it has ever run.
  const hasFailed = chance.hit(0.15);
  if (!hasFailed) await life.watch(chance.int(2 * MINUTE, 10 * MINUTE));
  const count = hasFailed ? 0 : chance.int(1, 6);
  for (let number = 0; number < count; number += 1) {
    events.push(await happen(stage));
    await life.watch(chance.int(10 * SECOND, 40 * MINUTE));
  }
  await life.end();
  clock.advance(60 * MINUTE);
  const booked = life.booked;
  expectWholeOfParts(life, clock.now());
  return { seed, api, events: events.join(' '), booked, billed: sumOf(market.bill(id)) };
}

function drawOrder(market: SimMarket, chance: Chance, kind: Market) {
  const hosts = market
    .hosts(kind)
    .filter(({ nature, diskGb }) => nature === 'good' && diskGb >= 500);
  const host: SimHost = chance.pick(hosts);
  const gpuCount = chance.int(1, host.gpuCount);
  const interruptible = kind === 'vastai' && chance.hit(0.3);
  const bid = interruptible ? Math.round(host.rates.minBid * gpuCount * 1.3 * 1e6) / 1e6 : null;
  const order = { gpuCount, diskGb: chance.int(100, 400), interruptible, bid };
  return {
    host,
    order: { ...order, dedicatedIp: host.dedicatedIps, madeBy: orderOn(host).madeBy },
  };
}

/** One thing out of all that happens to rented machines. */
async function happen(stage: Stage): Promise<string> {
  const { chance, market, life, id, api } = stage;
  const event = chance.pick([
    'stop',
    'price',
    'outbid',
    'crash',
    'stop',
    'price',
    'crash',
    'long stop',
  ] as const);
  switch (event) {
    case 'price':
      market.reprice(id, 0.5 + chance.next());
      break;
    case 'crash':
      life.miss(chance.int(10 * SECOND, 40 * MINUTE));
      break;
    case 'outbid':
      market.stopByMarket(id);
      await life.watch(chance.int(10 * SECOND, 20 * MINUTE));
      market.start(id);
      break;
    case 'stop':
    case 'long stop': {
      market.stop(id, { release: api !== 'tensordock-v2' });
      life.noteHalt();
      await life.watch(event === 'stop' ? chance.int(0, 20 * MINUTE) : 12 * 60 * MINUTE);
      market.start(id);
      break;
    }
  }
  return event;
}

function microRates(usd: SimBillParts): SimBillParts {
  const micro = (amount: number): number => Math.round(amount * 1e6);
  return { gpu: micro(usd.gpu), cpu: micro(usd.cpu), ram: micro(usd.ram), disk: micro(usd.disk) };
}

function sumOf({ gpu, cpu, ram, disk }: SimBillParts): number {
  return gpu + cpu + ram + disk;
}

/** Parts, and days, come to the whole to the micro-dollar. */
function expectWholeOfParts({ instance: { costs } }: LifeOnMarket, now: number): void {
  const whole = ledgerTotal(costs, now);
  const parts = PRICE_PARTS.map((part) =>
    ledgerTotal(
      costs.filter((one) => one.part === part),
      now,
    ),
  );
  expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole);
  const from = Math.min(...costs.map(({ startedAt }) => startedAt)) - MINUTE;
  let days = 0;
  for (let start = from; start < now; start += 17 * MINUTE) {
    days += ledgerWithin(costs, { from: start, to: start + 17 * MINUTE }, now);
  }
  expect(days).toBe(whole);
}

it(`of ${LIVES} lives of one instance each, every ledger is the meter's bill`, async () => {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= LIVES; seed += 1) outcomes.push(await live(seed));
  const errorOf = ({ booked, billed }: Outcome): number => Math.abs(booked - billed);
  const worst = outcomes.toSorted((left, right) => errorOf(right) - errorOf(left));
  if (process.env['LIVES_REPORT']) {
    for (const one of worst.slice(0, 12))
      console.log(
        one,
        (errorOf(one) / CENT).toFixed(3),
        'cents',
        ((100 * errorOf(one)) / one.billed).toFixed(4),
        '%',
      );
    const over = outcomes.filter((one) => errorOf(one) > Math.max(CENT, one.billed * 0.001));
    console.log(
      'over',
      over.length,
      'total',
      outcomes.reduce((s, o) => s + o.booked, 0) / 1e6,
      outcomes.reduce((s, o) => s + o.billed, 0) / 1e6,
    );
    const byEvent = new Map<string, number>();
    for (const o of over) byEvent.set(o.api + ' ' + o.events, errorOf(o));
    console.log([...byEvent].slice(0, 40));
  }
  const inexact = outcomes.filter((one) => errorOf(one) > Math.max(CENT, one.billed * 0.001));
  expect(inexact).toEqual([]);
}, 120_000);
