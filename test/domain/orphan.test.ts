import { describe, expect, test } from 'vitest';
import { type HOLD_REASONS, judge, type Suspect } from '../../src/domain/orphan.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import { orphan } from '../support/builders.ts';

const { destroyLimitPerSweep: LIMIT } = DEFAULT_POLICY;
const PERSONS = ['ending', 'ignored'] as const;

function suspect(overrides: Partial<Suspect> = {}): Suspect {
  return {
    claim: { kind: 'nobody' },
    known: undefined,
    isProven: true,
    isNewcomer: false,
    ...overrides,
  };
}

function verdicts(suspects: readonly Suspect[], policy: Partial<Policy> = {}) {
  return judge(suspects, { ...DEFAULT_POLICY, ...policy }).map(({ verdict }) => verdict);
}

const END = { kind: 'end' };
const LEAVE = { kind: 'leave' };
const held = (reason: (typeof HOLD_REASONS)[number]) => ({ kind: 'hold', reason });

test('what is proven is ended, and what is not is left alone', () => {
  expect(verdicts([suspect(), suspect({ isProven: false })])).toStrictEqual([END, LEAVE]);
});

describe('more than the limit at once', () => {
  const many = (count: number) => Array.from({ length: count }, () => suspect());

  test('are all held; just as many are ended', () => {
    expect(verdicts(many(LIMIT))).toStrictEqual(many(LIMIT).map(() => END));
    expect(verdicts(many(LIMIT + 1))).toStrictEqual(many(LIMIT + 1).map(() => held('over_limit')));
  });

  test('stay held when some of them are dealt with, until a person decides', () => {
    const waiting = suspect({ known: orphan({ state: 'held', heldFor: 'over_limit' }) });
    expect(verdicts([waiting])).toStrictEqual([LEAVE]);
  });

  test('count those that wait already: what comes after them waits with them', () => {
    const waiting = many(LIMIT).map((one) => ({
      ...one,
      known: orphan({ state: 'held', heldFor: 'over_limit' }),
    }));
    expect(verdicts([...waiting, suspect()]).at(-1)).toStrictEqual(held('over_limit'));
  });

  test('count what is being ended on the broker’s own word, however many sweeps that takes', () => {
    const underWay = many(LIMIT).map((one) => ({ ...one, known: orphan({ state: 'ending' }) }));
    expect(verdicts([...underWay, suspect()])).toStrictEqual([
      ...underWay.map(() => END),
      held('over_limit'),
    ]);
  });

  test('do not count what a person has decided, nor what is not proven', () => {
    const known = orphan({ state: 'ending', decidedBy: 'person' });
    const decided = many(LIMIT).map((one) => ({ ...one, known }));
    const unproven = many(LIMIT).map((one) => ({ ...one, isProven: false }));
    expect(verdicts([...decided, ...unproven, suspect()]).at(-1)).toStrictEqual(END);
  });

  test('keep no copy of a session’s launch waiting, which its rows know', () => {
    const waiting = many(LIMIT + 1).map((one) => ({
      ...one,
      known: orphan({ state: 'held', heldFor: 'over_limit' }),
    }));
    const stray = suspect({ claim: { kind: 'stray', position: 0 } });
    expect(verdicts([...waiting, stray]).at(-1)).toStrictEqual(END);
  });
});

describe('a person’s word', () => {
  test.each(PERSONS)('%s holds against the limit, the dry run and every later sweep', (state) => {
    const known = orphan({ state, decidedBy: 'person' });
    const verdict = state === 'ending' ? END : LEAVE;
    for (const isProven of [true, false]) {
      for (const isNewcomer of [true, false]) {
        const policy = { isSweepDryRun: true, destroyLimitPerSweep: 0 };
        expect(verdicts([suspect({ known, isProven, isNewcomer })], policy)).toStrictEqual([
          verdict,
        ]);
      }
    }
  });
});

describe('a dry run', () => {
  test('holds everything, whatever it is, however few, and also what sweeps had begun to end', () => {
    const belongs = suspect({ claim: { kind: 'belongs', position: 0 } });
    const begun = suspect({ known: orphan({ state: 'ending' }) });
    expect(verdicts([suspect(), belongs, begun], { isSweepDryRun: true })).toStrictEqual([
      held('dry_run'),
      held('dry_run'),
      held('dry_run'),
    ]);
  });

  test('that is over leaves what it held to be judged as if it were new', () => {
    const known = orphan({ state: 'held', heldFor: 'dry_run' });
    expect(verdicts([suspect({ known, isProven: false })])).toStrictEqual([END]);
    expect(verdicts([suspect({ known })], { destroyLimitPerSweep: 0 })).toStrictEqual([
      held('over_limit'),
    ]);
  });
});

describe('what came to be seen while this process watched, and is in no row of ours', () => {
  test('is another broker’s, and held', () => {
    expect(verdicts([suspect({ isNewcomer: true })])).toStrictEqual([held('not_launched_here')]);
  });

  test('waits for a person, and counts for nobody’s limit', () => {
    const waiting = suspect({
      isNewcomer: true,
      known: orphan({ state: 'held', heldFor: 'not_launched_here' }),
    });
    const fresh = Array.from({ length: LIMIT }, () => suspect({ isNewcomer: true }));
    expect(verdicts([waiting, ...fresh, suspect()]).at(-1)).toStrictEqual(END);
    expect(verdicts([waiting])).toStrictEqual([LEAVE]);
  });

  test('but a copy of a launch of ours, however late, is ours to end', () => {
    const stray = suspect({ isNewcomer: true, claim: { kind: 'stray', position: 0 } });
    const belongs = suspect({ isNewcomer: true, claim: { kind: 'belongs', position: 0 } });
    expect(verdicts([stray, belongs])).toStrictEqual([END, END]);
  });
});
