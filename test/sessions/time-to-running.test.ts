import { afterEach, describe, expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Proof } from '../../src/ports/remote-shell.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { PROVEN } from '../support/fake-shell.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;
afterEach(() => world.close());

/** What a machine that is not up yet answers, and after how long; and when on the way it is tried again by TCP itself. */
interface Silence {
  readonly proof: Proof;
  readonly afterMs: number;
  readonly retriesMs: readonly number[];
}

/** A login over a network of a tenth of a second each way. */
const LOGIN_MS = 600;
const SESSIONS = 60;
const BOOT_MS = 30 * SECOND_MS;

/** Milliseconds from the moment in which each of many machines began to take the key to `running`, sorted. */
async function waits(silence: Silence): Promise<readonly number[]> {
  const clock = manualClock();
  const ids = Array.from({ length: SESSIONS }, (_, index) => `alpha-${index}`);
  const menu = ids.map((id) => offer({ id }));
  world = await brokerWorld({ clock, providers: [fakeProvider({ clock, menu })] });
  // Spread over seven seconds, which no interval of the broker's divides.
  const upAt = new Map<number, number>();
  world.provider.onLaunch = (machine) => {
    const at = clock.now() + BOOT_MS + (upAt.size * 7 * SECOND_MS) / SESSIONS;
    const port = 20_000 + upAt.size;
    machine.address = { host: '192.0.2.1', port, user: 'root' };
    upAt.set(port, at);
  };
  world.shell.prove = async ({ port }) => {
    const begunAt = clock.now();
    const isUp = (): boolean => clock.now() >= (upAt.get(port) ?? 0);
    for (const retryMs of silence.retriesMs) {
      if (isUp()) break;
      await passing(clock, begunAt + retryMs - clock.now());
    }
    if (!isUp()) {
      await passing(clock, begunAt + silence.afterMs - clock.now());
      return silence.proof;
    }
    await passing(clock, LOGIN_MS);
    return PROVEN;
  };
  const made: string[] = [];
  for (const offerId of ids) {
    const choice = { kind: 'offer', offerId } as const;
    made.push((await world.create({ choice, readiness: 'gpu' })).session.id);
  }
  await clock.advance(2 * MINUTE_MS);
  const sessions = await Promise.all(made.map((id) => world.session(id)));
  return sessions
    .map(({ runningAt = Number.POSITIVE_INFINITY, instances: [instance] }) => {
      return runningAt - (upAt.get(instance?.address?.port ?? 0) ?? 0);
    })
    .sort((left, right) => left - right);
}

function passing(clock: ManualClock, spanMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(spanMs, resolve);
  });
}

describe('from the moment in which a machine takes the key to running', () => {
  const refuses = { afterMs: 100, retriesMs: [] };
  test.each<readonly [string, Silence]>([
    ['refuses connections', { ...refuses, proof: { kind: 'unreachable', phase: 'connect' } }],
    ['refuses the key', { ...refuses, proof: { kind: 'auth_refused' }, afterMs: LOGIN_MS }],
    [
      // RFC 6298: after one second, and two more.
      'is silent',
      { proof: { kind: 'timed_out', phase: 'connect' }, afterMs: 5_000, retriesMs: [1_000, 3_000] },
    ],
  ])('it takes two seconds, and five at most, where it %s before that', async (_, silence) => {
    const sorted = await waits(silence);
    expect(sorted).toHaveLength(SESSIONS);
    const share = (part: number): number => sorted[Math.floor(part * SESSIONS)] ?? Number.NaN;
    expect(share(0.5)).toBeLessThanOrEqual(2_000);
    expect(share(0.95)).toBeLessThanOrEqual(5_000);
  });
});
