import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { oneSessionOn } from './directed.ts';
import { runWorld } from './world.ts';

test('an end that is looked after too seldom is not in time', async () => {
  const seldom = { terminateRetryMs: 100 * SECOND_MS, terminateRetryMaxMs: 100 * SECOND_MS };
  const policy = { ...DEFAULT_POLICY, ...seldom, reconcileIntervalMs: 10 * SECOND_MS };
  const { violations } = await runWorld(oneSessionOn('tensordock-v2', { policy, clients: 'stay' }));
  expect(violations.map(({ checker }) => checker)).toEqual(['nothing is left in time']);
});

test('what nobody looks for stays in doubt, and is told of', async () => {
  const nets = { ...DEFAULT_POLICY.nets, reconciler: false };
  const policy = { ...DEFAULT_POLICY, nets };
  const { violations } = await runWorld(
    oneSessionOn('tensordock-v2', { isCalm: false, policy, orphans: 1, busyMs: 10 * MINUTE_MS }),
  );
  const told = violations.filter(({ checker }) => checker === 'nothing is left in time');
  expect(told.map(({ message }) => message.replace(/^\d+/, 'long'))).toEqual([
    expect.stringContaining('long ms after the world was well: nobody knows of'),
    expect.stringContaining('long ms after the last request: still alive'),
  ]);
});

test('in a calm world it is over in seconds', async () => {
  const { violations, steadyMs, convergedMs } = await runWorld(oneSessionOn('vastai'));
  expect(violations).toEqual([]);
  expect(steadyMs).toBe(0);
  expect(convergedMs).toBeLessThan(20_000);
});
