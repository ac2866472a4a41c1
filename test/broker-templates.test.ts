import { afterEach, expect, test } from 'vitest';
import { HOUR_MS } from '../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from './support/broker-world.ts';
import { offer, template } from './support/builders.ts';
import { fakeProvider } from './support/fake-provider.ts';
import { manualClock } from './support/manual-clock.ts';

let world: BrokerWorld;

afterEach(() => world.close());

test('a broker reads the templates of the marketplace that has some, and no more once it is stopped', async () => {
  const clock = manualClock();
  let reads = 0;
  const templates = {
    recommended: async () => {
      reads += 1;
      return [template()];
    },
    find: async () => undefined,
  };
  const without = fakeProvider({ clock, api: 'beta', menu: [offer({ id: 'beta-1' })] });
  const having = Object.assign(fakeProvider({ clock, menu: [offer()] }), { templates });
  world = await brokerWorld({ clock, providers: [without, having] });
  await clock.advance(0);
  expect(world.broker.templates.list()).toMatchObject({ kind: 'listed', templates: [template()] });
  await clock.advance(HOUR_MS);
  expect(reads).toBe(2);
  await world.broker.stop();
  await clock.advance(3 * HOUR_MS);
  expect(reads).toBe(2);
});

test('a broker of marketplaces without templates says that it has none', async () => {
  const clock = manualClock();
  world = await brokerWorld({ clock, providers: [fakeProvider({ clock, menu: [offer()] })] });
  expect(world.broker.templates.list()).toEqual({ kind: 'unsupported' });
});
