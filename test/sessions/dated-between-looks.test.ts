import { afterEach, describe, expect, test } from 'vitest';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;
afterEach(() => world.close());

const EACH_MS = 5 * SECOND_MS;

/** One session that runs and is listed every five seconds, at whole and half fives. */
async function running() {
  const clock = manualClock();
  const provider = fakeProvider({ clock, menu: [offer()] });
  const policy = { reconcileIntervalMs: HOUR_MS, stoppedGraceMs: HOUR_MS };
  world = await brokerWorld({ clock, providers: [provider], policy });
  const { session } = await world.create();
  await clock.advance(MINUTE_MS);
  const [machine] = provider.instances;
  if (!machine) throw new Error('nothing was launched');
  const gpuLines = async (): Promise<readonly CostEntry[]> => {
    const { instances } = await world.session(session.id);
    return instances.flatMap(({ costs }) => costs.filter(({ part }) => part === 'gpu'));
  };
  return { clock, provider, machine, gpuLines, id: session.id };
}

describe('a stop by the market', () => {
  test('is billed to the middle between the look that shows it and the one before', async () => {
    const { clock, machine, gpuLines } = await running();
    machine.phase = 'stopped';
    const stoppedAt = clock.now();
    await clock.advance(EACH_MS);
    const [line] = await gpuLines();
    expect(Math.abs((line?.endedAt ?? 0) - stoppedAt)).toBeLessThanOrEqual(EACH_MS / 2);
  });

  test('is billed to the look that shows it where nobody could look for long', async () => {
    const { clock, provider, machine, gpuLines } = await running();
    provider.faultAlways('list', refused('unavailable'));
    provider.faultAlways('get', refused('unavailable'));
    machine.phase = 'stopped';
    await clock.advance(MINUTE_MS);
    provider.faultAlways('list', undefined);
    const healedAt = clock.now();
    await clock.advance(EACH_MS);
    const [line] = await gpuLines();
    expect(line?.endedAt).toBeGreaterThanOrEqual(healedAt);
  });
});

describe('the end of a machine that takes its time to go', () => {
  test('is billed to the middle between the last sight of it and the call that found nothing', async () => {
    const { clock, provider, machine, gpuLines, id } = await running();
    provider.endsOnTerminate = false;
    const deleting = world.broker.sessions.destroy(id);
    await clock.advance(3 * SECOND_MS);
    machine.isGone = true;
    const goneAt = clock.now();
    await clock.advance(30 * SECOND_MS);
    await deleting;
    const [line] = await gpuLines();
    const lateMs = (line?.endedAt ?? 0) - goneAt;
    expect(Math.abs(lateMs)).toBeLessThanOrEqual(2_500);
  });
});
