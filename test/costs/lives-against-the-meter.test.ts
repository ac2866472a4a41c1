import { expect, it } from 'vitest';
import { ledgerTotal, ledgerWithin } from '../../src/domain/billing.ts';
import { PRICE_PARTS } from '../../src/domain/offer.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { liveOnce, type Outcome } from './life-script.ts';

/** `npm run lives` has a thousand. */
const LIVES = Number(process.env['LIVES'] ?? 300);
const CENT = 10_000;
const THOUSANDTH = 0.001;
/** What lines and prices on the wire are rounded by. */
const ROUNDING = 10;

/** Lives that broke the promise once, after the first three hundred. */
const KEPT = [
  {
    seed: 1745,
    taught: 'a dear machine costs more than a cent in half the time between two looks',
  },
  { seed: 3526, taught: 'an end that takes its time is dated between two asks, and costs as well' },
  {
    seed: 4210,
    taught: 'a machine on its way to rest showed what it had cost before its price changed',
  },
  { seed: 7266, taught: 'a rest that fits between two looks is in no ledger' },
];

it(`of ${LIVES} lives of one machine each, every ledger is the meter's bill, and every charge that is told too`, async () => {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= LIVES; seed += 1) outcomes.push(await liveOnce({ seed }));
  for (const outcome of outcomes) expectWholeOfParts(outcome);
  expect(outcomes.filter((one) => !isWithinDoubt(one)).map(told)).toEqual([]);
  // What is in doubt is little, or it would excuse anything.
  expect(outcomes.filter((one) => !isExact(one.booked, one)).length).toBeLessThan(LIVES / 100);
  const charged = outcomes.filter((one) => one.charged !== undefined);
  expect(charged.filter((one) => !isExact(one.charged ?? 0, one)).map(told)).toEqual([]);
  expect(charged.length).toBeGreaterThan(LIVES / 2);
}, 240_000);

it.each(KEPT)('of life $seed the ledger is the bill: $taught', async ({ seed }) => {
  const outcome = await liveOnce({ seed });
  expect(isWithinDoubt(outcome), told(outcome)).toBe(true);
});

/** What nobody could see is in no ledger; the charges tell it. */
it('a stop by the market while nobody looks is dated to the next look, and found by what was charged', async () => {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= 60; seed += 1) {
    outcomes.push(await liveOnce({ seed, also: ['stopped unseen'] }));
  }
  const vastai = outcomes.filter(({ api, events }) => api === 'vastai' && events.length > 1);
  expect(vastai.length).toBeGreaterThan(5);
  expect(vastai.some((one) => !isExact(one.booked, one))).toBe(true);
  for (const one of vastai) {
    expect(one.charged).toBe(one.billed);
    // Ten minutes of the GPU at the most.
    const rates = one.life.instance.costs.map((line) => line.rateMicroUsdPerHour);
    const tenMinutes = Math.max(...rates) / 6;
    expect(one.booked - one.billed).toBeLessThan(tenMinutes + CENT + one.billed * THOUSANDTH);
  }
});

/** All that a provider tells is booked as it is billed; of what no provider dates, no more is wrong than half the time between two looks. */
function isWithinDoubt({ booked, billed, doubt }: Outcome): boolean {
  return Math.abs(booked - billed) <= doubt + ROUNDING;
}

/** Within a thousandth of the bill, and within a cent where that is less. */
function isExact(amount: number, { billed }: Outcome): boolean {
  return Math.abs(amount - billed) <= Math.max(CENT, billed * THOUSANDTH);
}

function told({ seed, api, events, booked, billed, doubt, charged }: Outcome): string {
  return `life ${seed} at ${api} (${events.join(', ')}): booked ${booked}, billed ${billed}, in doubt ${doubt.toFixed()}, charged ${charged}`;
}

/** Parts, and spans that touch, come to the whole to the micro-dollar. */
function expectWholeOfParts({ life, endedAt }: Outcome): void {
  const { costs } = life.instance;
  const whole = ledgerTotal(costs, endedAt);
  const parts = PRICE_PARTS.map((part) => costs.filter((line) => line.part === part));
  expect(parts.reduce((sum, lines) => sum + ledgerTotal(lines, endedAt), 0)).toBe(whole);
  const from = Math.min(...costs.map(({ startedAt }) => startedAt)) - MINUTE_MS;
  let spans = 0;
  for (let start = from; start < endedAt; start += 17 * MINUTE_MS) {
    spans += ledgerWithin(costs, { from: start, to: start + 17 * MINUTE_MS }, endedAt);
  }
  expect(spans).toBe(whole);
}
