import { expect, it } from 'vitest';
import { ledgerTotal, ledgerWithin } from '../../src/domain/billing.ts';
import { PRICE_PARTS } from '../../src/domain/offer.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { liveOnce, type Outcome } from './life-script.ts';

/** `npm run lives` has a thousand. */
const LIVES = Number(process.env['LIVES'] ?? 300);
const CENT = 10_000;
const THOUSANDTH = 0.001;

it(`of ${LIVES} lives of one machine each, every ledger is the meter's bill, and every charge that is told too`, async () => {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= LIVES; seed += 1) outcomes.push(await liveOnce({ seed }));
  for (const outcome of outcomes) expectWholeOfParts(outcome);
  expect(outcomes.filter((one) => !isExact(one.booked, one)).map(told)).toEqual([]);
  const charged = outcomes.filter((one) => one.charged !== undefined);
  expect(charged.filter((one) => !isExact(one.charged ?? 0, one)).map(told)).toEqual([]);
  expect(charged.length).toBeGreaterThan(LIVES / 2);
}, 240_000);

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

/** Within a thousandth of the bill, and within a cent where that is less. */
function isExact(amount: number, { billed }: Outcome): boolean {
  return Math.abs(amount - billed) <= Math.max(CENT, billed * THOUSANDTH);
}

function told({ seed, api, events, booked, billed, charged }: Outcome): string {
  return `life ${seed} at ${api} (${events.join(', ')}): booked ${booked}, billed ${billed}, charged ${charged}`;
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
