import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accrue,
  type BillingFact,
  type BillingRule,
  burnRate,
  closeLedger,
  ledgerTotal,
  ledgerWithin,
  openLedger,
  reopenLedger,
} from '../../src/domain/billing.ts';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import type { InstancePhase } from '../../src/domain/instance.ts';
import { PRICE_PARTS, type Price, type PricePart } from '../../src/domain/offer.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { START } from '../support/builders.ts';

const PHASES: readonly InstancePhase[] = [
  'starting',
  'running',
  'stopping',
  'stopped',
  'failed',
  'unknown',
];

const somePrice = fc.record(
  {
    gpu: fc.nat(5_000_000),
    cpu: fc.nat(100_000),
    ram: fc.nat(100_000),
    disk: fc.nat(100_000),
  },
  { noNullPrototype: true },
);
const someParts = fc.uniqueArray(fc.constantFrom<PricePart>(...PRICE_PARTS));
const someRule: fc.Arbitrary<BillingRule> = fc.record({
  created: someParts,
  running: someParts,
  stopped: someParts,
});

interface History {
  readonly rule: BillingRule;
  readonly first: Price;
  readonly facts: readonly BillingFact[];
  readonly until: number;
}

/** A life as looks show it: phases, prices and times in any order that a provider may show them. */
const someHistory: fc.Arbitrary<History> = fc
  .record({
    rule: someRule,
    first: somePrice,
    looks: fc.array(
      fc.record({
        afterMs: fc.nat(40 * MINUTE_MS),
        phase: fc.constantFrom(...PHASES),
        price: somePrice,
        runningForMs: fc.option(fc.integer({ min: -MINUTE_MS, max: HOUR_MS }), { nil: undefined }),
        createdBeforeMs: fc.option(fc.integer({ min: -MINUTE_MS, max: MINUTE_MS }), {
          nil: undefined,
        }),
      }),
      { maxLength: 8 },
    ),
    tailMs: fc.nat(HOUR_MS),
  })
  .map(({ rule, first, looks, tailMs }) => {
    let at = START;
    const facts = looks.map((look, index): BillingFact => {
      at += look.afterMs;
      return {
        at,
        phase: look.phase,
        price: look.price,
        isFirstLook: index === 0,
        ...(look.runningForMs === undefined ? {} : { runningSince: at - look.runningForMs }),
        ...(look.createdBeforeMs === undefined ? {} : { createdAt: START - look.createdBeforeMs }),
      };
    });
    return { rule, first, facts, until: at + tailMs };
  });

function replay({ rule, first, facts }: History): readonly CostEntry[] {
  return facts.reduce<readonly CostEntry[]>(
    (entries, fact) => accrue(entries, rule, fact),
    openLedger(rule, first, START),
  );
}

describe('whatever a provider shows, and in whatever order', () => {
  test('no part is ever charged twice for one moment', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const entries = replay(history);
        for (const part of PRICE_PARTS) {
          // A creation time in the future leaves lines without length, which charge nothing.
          const own = entries.filter(
            (line) => line.part === part && line.endedAt !== line.startedAt,
          );
          for (const [index, line] of own.entries()) {
            const next = own[index + 1];
            if (next) expect(line.endedAt).toBeLessThanOrEqual(next.startedAt);
          }
        }
      }),
    );
  });

  test('no line ends before it begins, and only the last one of a part is open', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const entries = replay(history);
        for (const line of entries) {
          expect(line.endedAt ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(line.startedAt);
        }
        for (const part of PRICE_PARTS) {
          const own = entries.filter((line) => line.part === part);
          expect(own.slice(0, -1).every((line) => line.endedAt !== undefined)).toBe(true);
        }
      }),
    );
  });

  test('after a look that says something, what runs up is the price of that phase', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const last = history.facts.at(-1);
        const charged = last && partsIn(history.rule, last.phase);
        if (!last || !charged) return;
        const rate = charged.reduce((sum, part) => sum + last.price[part], 0);
        expect(burnRate(replay(history))).toBe(rate);
      }),
    );
  });

  test('the same look again changes nothing', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const last = history.facts.at(-1);
        if (!last) return;
        const entries = replay(history);
        const again = accrue(entries, history.rule, { ...last, isFirstLook: false });
        expect(again).toStrictEqual(entries);
      }),
    );
  });

  test('windows that touch sum to the total exactly', () => {
    const cuts = fc.array(fc.nat(6 * HOUR_MS), { maxLength: 6 });
    fc.assert(
      fc.property(someHistory, cuts, (history, offsets) => {
        const entries = replay(history);
        const edges = [
          START - HOUR_MS,
          ...offsets.map((offset) => START + offset).toSorted((left, right) => left - right),
          START + 20 * HOUR_MS,
        ];
        let sum = 0;
        for (const [index, to] of edges.entries()) {
          const from = edges[index - 1];
          if (from !== undefined) sum += ledgerWithin(entries, { from, to }, history.until);
        }
        expect(sum).toBe(ledgerTotal(entries, history.until));
      }),
    );
  });

  test('a closed ledger costs no more as time passes, and reopened it is as it was', () => {
    fc.assert(
      fc.property(someHistory, fc.nat(HOUR_MS), (history, laterMs) => {
        const entries = replay(history);
        const closed = closeLedger(entries, history.until);
        expect(ledgerTotal(closed, history.until + laterMs)).toBe(
          ledgerTotal(closed, history.until),
        );
        expect(ledgerTotal(closed, history.until)).toBe(ledgerTotal(entries, history.until));
      }),
    );
  });

  test('an end that is undone charges no part twice', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const entries = replay(history);
        const reopened = reopenLedger(closeLedger(entries, history.until));
        const open = reopened.filter((line) => line.endedAt === undefined);
        expect(new Set(open.map(({ part }) => part)).size).toBe(open.length);
        for (const line of entries.filter((one) => one.endedAt === undefined)) {
          expect(open).toContainEqual(line);
        }
      }),
    );
  });
});

/** The rule as a provider's price page states it, apart from the code. */
function partsIn(rule: BillingRule, phase: InstancePhase): readonly PricePart[] | undefined {
  if (phase === 'running') return rule.running;
  if (phase === 'stopped') return rule.stopped;
  return phase === 'starting' || phase === 'failed' ? rule.created : undefined;
}
