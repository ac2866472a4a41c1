import { expect, test } from 'vitest';
import type { PowerSwitch } from '../../../../src/ports/provider.ts';
import { BOOTED_MS, dockHost, dockWorld } from '../../../simulator/tensordock/dock-world.ts';
import { failureOf, order } from '../harness.ts';
import { type Case, simulatedCase } from './simulated-case.ts';

const MINUTE_MS = 60_000;
const GONE = 'cccccccc-0000-4000-8000-000000000001';

interface Machine extends Case {
  readonly id: string;
  readonly power: PowerSwitch;
}

async function runningMachine(one: Case = simulatedCase()): Promise<Machine> {
  const [offer] = await one.provider.offers();
  const { id } = await one.provider.launch(order(offer));
  one.dock.advance(BOOTED_MS);
  const { power } = one.provider;
  if (!power) throw new Error('the adapter has no power switch');
  return { ...one, id, power };
}

test('offers are not called preservable: no document has v2 give the GPUs back', async () => {
  const offers = await simulatedCase().provider.offers();
  expect(offers.some(({ preservable }) => preservable)).toBe(false);
});

test('a machine is stopped with its disk and started again', async () => {
  const { provider, power, dock, id } = await runningMachine();
  await power.stop(id);
  expect(await provider.get(id)).toMatchObject({ phase: 'stopping' });
  dock.advance(MINUTE_MS);
  expect(await provider.get(id)).toMatchObject({ phase: 'stopped', totalPerHour: 493_000 });
  await power.start(id);
  dock.advance(MINUTE_MS);
  expect(await provider.get(id)).toMatchObject({ phase: 'running' });
});

test.each(['bare', 'wrapped'] as const)('both may be repeated (%s)', async (v2SingleAs) => {
  const one = await runningMachine(simulatedCase(dockWorld({ quirks: { v2SingleAs } })));
  await one.power.start(one.id);
  await one.power.stop(one.id);
  await one.power.stop(one.id);
  one.dock.advance(MINUTE_MS);
  await one.power.stop(one.id);
  await one.power.start(one.id);
  await one.power.start(one.id);
  one.dock.advance(MINUTE_MS);
  expect(await one.provider.get(one.id)).toMatchObject({ phase: 'running' });
});

test('a machine that cannot be stopped yet may be later', async () => {
  const one = simulatedCase();
  const [offer] = await one.provider.offers();
  const { id } = await one.provider.launch(order(offer));
  const stop = one.provider.power?.stop(id) ?? Promise.resolve();
  expect(await failureOf(stop)).toMatchObject({ kind: 'unavailable', outcome: 'not_done' });
});

test('a start without GPUs is refused as such, and leaves nothing queued', async () => {
  const dock = dockWorld({ hosts: [dockHost({ gpuCount: 1 })], quirks: { v2StopAs: 'released' } });
  const { provider, power, id } = await runningMachine(simulatedCase(dock));
  await power.stop(id);
  dock.advance(MINUTE_MS);
  expect(await provider.get(id)).toMatchObject({ phase: 'stopped', totalPerHour: 5_000 });
  const [offer] = await provider.offers();
  await provider.launch(order(offer, { tag: 'gpub-test01-0000000000000002-1' }));
  expect(await failureOf(power.start(id))).toMatchObject({
    kind: 'no_capacity',
    outcome: 'not_done',
  });
  dock.advance(MINUTE_MS);
  expect(await provider.get(id)).toMatchObject({ phase: 'stopped' });
});

test.each(['stop', 'start'] as const)('a %s of a machine that is gone says so', async (act) => {
  const { power } = await runningMachine();
  expect(await failureOf(power[act](GONE))).toMatchObject({ kind: 'not_found' });
});

test('a stop whose answer is lost may have stopped it', async () => {
  const one = await runningMachine();
  const lost = simulatedCase({
    ...one.dock,
    v2: async () => ({ status: 502, headers: {}, body: '<html>' }),
  });
  const stop = lost.provider.power?.stop(one.id) ?? Promise.resolve();
  expect(await failureOf(stop)).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
});
