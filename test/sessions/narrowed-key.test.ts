import { afterEach, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { refused } from '../support/fake-provider.ts';

let world: BrokerWorld;

afterEach(() => world.close());

test('a key that may look and not act ends no session, and each end is kept at until it may act again', async () => {
  world = await brokerWorld();
  const { provider, clock, broker } = world;
  const { session: made } = await world.create();
  await clock.advance(10 * SECOND_MS);
  for (const operation of ['launch', 'terminate'] as const) {
    provider.faultAlways(operation, refused('unauthorized'));
  }
  await clock.advance(HOUR_MS);
  expect((await world.session(made.id)).status).toBe('running');
  await broker.sessions.done(made.id);
  await clock.advance(10 * MINUTE_MS);
  expect((await world.session(made.id)).status).toBe('stopping');
  expect(provider.count('terminate')).toBeGreaterThan(10);
  expect(world.kinds()).toContain('terminate_failed');
  provider.faultAlways('terminate', undefined);
  await clock.advance(2 * MINUTE_MS);
  expect((await world.session(made.id)).status).toBe('stopped');
  expect(provider.instances[0]?.isGone).toBe(true);
});
