import { expect, test } from 'vitest';
import { calmBut } from './directed.ts';
import type { Plan } from './plan.ts';
import { undoubled } from './themes.ts';
import { runWorld, type WorldReport } from './world.ts';

/** What the worlds here are about is said by what is taken away from them. */
const theme = 'mixed';

/** Safety nets hide bugs: without one, what is above it has to hold by itself. */
const SEEDS = [101, 102, 103, 104, 105, 106];

test.each(SEEDS)('nothing leaks without the reconciler, seed %i', async (seed) => {
  const report = await runWorld({
    seed,
    theme,
    shape: (plan) => withoutNet(undoubled(plan), 'reconciler'),
  });
  expect(report.violations).toEqual([]);
});

test.each(SEEDS)(
  'the reconciler has nothing to do where nothing is doubled, seed %i',
  async (seed) => {
    const { violations, orphans } = await runWorld({ seed, theme, shape: undoubled });
    expect({ violations, orphans }).toEqual({ violations: [], orphans: 0 });
  },
);

test.each([111, 112, 113])('no promise needs the startup sweep, seed %i', async (seed) => {
  const report = await runWorld({ seed, theme, shape: (plan) => withoutNet(plan, 'startupSweep') });
  expect(report.violations).toEqual([]);
});

test.each([121, 122, 123])('sessions end in time without the hard limit, seed %i', async (seed) => {
  const report = await runWorld({ seed, theme, shape: (plan) => withoutNet(plan, 'hardLimit') });
  expect(report.violations).toEqual([]);
});

test('the reconciler has to act where launches are delivered twice', async () => {
  const report = await doubledWorld((plan) => plan);
  expect(report.violations).toEqual([]);
  expect(report.orphans).toBeGreaterThan(0);
});

test('a world with doubled launches leaks without the reconciler, so the checkers can see', async () => {
  const { violations } = await doubledWorld((plan) => withoutNet(plan, 'reconciler'));
  expect(violations.map(({ checker }) => checker)).toContain('nothing leaks');
});

function doubledWorld(shape: (plan: Plan) => Plan): Promise<WorldReport> {
  const hosts = { vast: 8, tensordock: 6 };
  const doubled = calmBut({ isCalm: false, sessions: 4, hosts });
  return runWorld({
    ...doubled,
    shape: (drawn) => {
      const plan = doubled.shape?.(drawn) ?? drawn;
      return shape({ ...plan, faults: { ...plan.faults, duplicated: 1 } });
    },
  });
}

function withoutNet(plan: Plan, net: 'reconciler' | 'startupSweep' | 'hardLimit'): Plan {
  return { ...plan, policy: { ...plan.policy, nets: { ...plan.policy.nets, [net]: false } } };
}
