import { afterEach, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { Provider } from '../../src/ports/provider.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;
afterEach(() => world.close());

const USD = 1_000_000;

/** One session of an hour at 0.40 USD, ended, at a marketplace that charges a cent more, and eight of traffic. */
async function afterOneSession() {
  const clock = manualClock();
  const charges: Provider['charges'] = async () =>
    provider.instances.map(({ id }) => ({ id, total: 0.49 * USD, traffic: 0.08 * USD }));
  const provider = Object.assign(fakeProvider({ clock, menu: [offer()] }), {
    charges,
    balance: async () => ({ amount: 12 * USD }),
  });
  world = await brokerWorld({ clock, providers: [provider] });
  const { session } = await world.create({ reservationHours: 2 });
  await clock.advance(HOUR_MS);
  const during = world.broker.accounts();
  const destroying = world.broker.sessions.destroy(session.id);
  await clock.advance(MINUTE_MS);
  await destroying;
  await clock.advance(20 * MINUTE_MS);
  return { id: session.id, during };
}

test('a broker tells what its account lasts for while a session runs', async () => {
  const { during } = await afterOneSession();
  expect(during).toMatchObject([
    { provider: 'alpha', balance: { amount: 12 * USD }, burnPerHour: 400_000 },
  ]);
  const [alpha] = during;
  expect(Math.abs((alpha?.lastsForMs ?? 0) - 30 * HOUR_MS)).toBeLessThan(3 * MINUTE_MS);
  expect(world.broker.accounts()).toMatchObject([{ burnPerHour: 0 }]);
});

test('a broker reconciles a session that has ended, by itself and soon', async () => {
  const { id } = await afterOneSession();
  const { costs } = world.broker;
  const reconciled = await costs.reconciledOf(id);
  expect(reconciled).toMatchObject({ billed: 490_000, traffic: 80_000, sessions: 1 });
  expect(reconciled?.estimated).toBe(await costs.ofSession(id));
  expect(world.broker.reconciled()).toMatchObject([{ provider: 'alpha', billed: 490_000 }]);
  const month = await costs.summary({ window: costs.currentMonth() });
  expect(month.reconciled).toEqual(reconciled);
});
