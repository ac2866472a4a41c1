import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Inspection } from '../../src/ports/remote-shell.ts';
import { gate } from '../runtime/gate.ts';
import { type BrokerWorld, brokerWorld, type WorldSetUp } from '../support/broker-world.ts';
import { offer, PUBLIC_KEY } from '../support/builders.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { REPORT } from '../support/fake-shell.ts';
import { manualClock } from '../support/manual-clock.ts';

const WORKS: Inspection = { kind: 'logged_in', report: REPORT };
const REFUSED: Inspection = { kind: 'auth_refused' };
const SILENT: Inspection = { kind: 'unreachable', phase: 'connect' };
const { loginCheckMs, idleCheckMs } = DEFAULT_POLICY;

let world: BrokerWorld;
afterEach(() => world.close());

async function running(
  overrides: Parameters<BrokerWorld['create']>[0] = {},
  setUp: WorldSetUp = {},
): Promise<string> {
  world = await brokerWorld(setUp);
  const { session } = await world.create(overrides);
  await world.clock.advance(10 * SECOND_MS);
  expect((await world.session(session.id)).status).toBe('running');
  return session.id;
}

/** From now on looks come to this. */
function looksShow(inspection: Inspection): void {
  world.shell.inspection = async () => inspection;
}

const looks = () => world.shell.inspections.length;
const machine = async (id: string) => (await world.session(id)).instances[0];
const happened = (kind: ReturnType<BrokerWorld['kinds']>[number]) =>
  world.kinds().filter((one) => one === kind).length;

describe('looks into a running machine', () => {
  test('come at the interval of whoever watches for idleness, else at that of logins', async () => {
    await running();
    await world.clock.advance(loginCheckMs);
    expect(looks()).toBe(1);
    await world.clock.advance(loginCheckMs);
    expect(looks()).toBe(2);
    await world.close();
    await running({ idleThresholdMinutes: 30 });
    await world.clock.advance(loginCheckMs);
    expect(looks()).toBe(loginCheckMs / idleCheckMs);
  });

  test('are made with the session’s key to the pinned host, or ask whether the caller’s own key is taken', async () => {
    const id = await running();
    await world.clock.advance(loginCheckMs);
    expect(world.shell.inspections[0]?.login).toMatchObject({
      privateKey: `private key of ${id}`,
      hostKey: 'SHA256:fake-host',
    });
    await world.close();
    await running({ sshPublicKey: PUBLIC_KEY });
    await world.clock.advance(loginCheckMs);
    expect(looks()).toBe(1);
    expect(world.shell.inspections[0]?.login).not.toHaveProperty('privateKey');
  });

  test('end with the session', async () => {
    const id = await running();
    await world.broker.sessions.done(id);
    await world.clock.advance(10 * MINUTE_MS);
    expect(looks()).toBe(0);
  });

  test('are thirty-two at once, and spread after a restart', async () => {
    const clock = manualClock();
    const menu = Array.from({ length: 40 }, (_, number) => offer({ id: `alpha-${number}` }));
    world = await brokerWorld({ clock, providers: [fakeProvider({ clock, menu })] });
    for (const { id: offerId } of menu) {
      await world.create({ choice: { kind: 'offer', offerId }, reservationHours: 12 });
    }
    await clock.advance(loginCheckMs);
    await world.restart();
    const before = looks();
    await clock.advance(loginCheckMs / 2);
    expect(looks() - before).toBeGreaterThan(8);
    expect(looks() - before).toBeLessThan(32);
    const door = gate();
    world.shell.inspection = () => door.pass().then(() => WORKS);
    const here = looks();
    await clock.advance(2 * loginCheckMs);
    expect(looks() - here).toBe(32);
    door.open();
  });

  test('keep no end waiting', async () => {
    const id = await running();
    world.shell.inspection = () => new Promise(() => {});
    await world.clock.advance(loginCheckMs);
    expect(looks()).toBe(1);
    await world.broker.sessions.done(id);
    await world.clock.advance(SECOND_MS);
    expect((await world.session(id)).status).toBe('stopped');
  });
});

describe('a key that the provider has dropped', () => {
  test('is missed at the second refusal, put back, and found to work again', async () => {
    const id = await running();
    looksShow(REFUSED);
    await world.clock.advance(loginCheckMs);
    expect(await machine(id)).not.toHaveProperty('loginLostAt');
    const firstAt = world.clock.now();
    const granted = world.provider.count('grantAccess');
    await world.clock.advance(31 * SECOND_MS);
    expect(happened('login_lost')).toBe(1);
    expect((await machine(id))?.loginLostAt).toBeLessThanOrEqual(firstAt);
    expect(world.provider.count('grantAccess')).toBe(granted + 1);
    looksShow(WORKS);
    await world.clock.advance(25 * SECOND_MS);
    expect(happened('login_restored')).toBe(1);
    expect(await machine(id)).not.toHaveProperty('loginLostAt');
    expect((await world.session(id)).status).toBe('running');
  });

  test('is not missed for one refusal', async () => {
    const id = await running();
    let asked = 0;
    world.shell.inspection = async () => {
      asked += 1;
      return asked === 1 ? REFUSED : WORKS;
    };
    await world.clock.advance(loginCheckMs + MINUTE_MS);
    expect(asked).toBe(2);
    expect(happened('login_lost')).toBe(0);
    expect(await machine(id)).not.toHaveProperty('loginLostAt');
  });

  test('is put back a bounded number of times, at growing distances, and the session runs on', async () => {
    const id = await running({ reservationHours: 12 });
    looksShow(REFUSED);
    const granted = world.provider.count('grantAccess');
    await world.clock.advance(5 * HOUR_MS);
    expect(world.provider.count('grantAccess')).toBe(granted + 8);
    expect(happened('login_lost')).toBe(1);
    expect((await world.session(id)).status).toBe('running');
  });

  test('is put back later where the provider does not answer', async () => {
    await running();
    looksShow(REFUSED);
    world.provider.fault('grantAccess', refused('unavailable'), refused('rate_limited'));
    const granted = world.provider.count('grantAccess');
    await world.clock.advance(loginCheckMs + 30 * SECOND_MS + 4 * MINUTE_MS);
    expect(world.provider.count('grantAccess')).toBe(granted + 3);
  });

  test('is put back by the next process, where this one dies before', async () => {
    const id = await running();
    looksShow(REFUSED);
    world.provider.faultAlways('grantAccess', { kind: 'hangs', until: new Promise(() => {}) });
    await world.clock.advance(loginCheckMs + 31 * SECOND_MS);
    expect(await machine(id)).toHaveProperty('loginLostAt');
    world.provider.faultAlways('grantAccess', undefined);
    looksShow(WORKS);
    const granted = world.provider.count('grantAccess');
    await world.restart('killed');
    await world.clock.advance(MINUTE_MS);
    expect(world.provider.count('grantAccess')).toBe(granted + 1);
    expect(happened('login_restored')).toBe(1);
  });
});

describe('another host key', () => {
  const CHANGED: Inspection = { kind: 'host_key_changed', hostKey: 'SHA256:other' };

  test('is told of, and nothing is sent to that machine any more, by nobody', async () => {
    const id = await running();
    looksShow(CHANGED);
    await world.clock.advance(loginCheckMs);
    const event = world.recorder.events.find(({ kind }) => kind === 'host_key_changed');
    expect(event).toMatchObject({ pinned: 'SHA256:fake-host', found: 'SHA256:other' });
    const before = looks();
    await world.clock.advance(30 * MINUTE_MS);
    const examination = await world.broker.diagnostics.examine(id);
    expect(examination).toMatchObject({ finding: { kind: 'not_trusted' } });
    expect(looks()).toBe(before);
    expect(happened('host_key_changed')).toBe(1);
  });

  test('leaves the session running, and its end as it ever was', async () => {
    const id = await running();
    looksShow(CHANGED);
    await world.clock.advance(loginCheckMs + MINUTE_MS);
    expect((await world.session(id)).status).toBe('running');
    await world.broker.sessions.done(id);
    await world.clock.advance(SECOND_MS);
    expect(await world.session(id)).toMatchObject({ status: 'stopped', stopReason: 'done' });
  });
});

describe('a machine that looks do not reach', () => {
  test('is shown as such after some in a row, and no more than that happens', async () => {
    const id = await running();
    looksShow(SILENT);
    await world.clock.advance(loginCheckMs + 31 * SECOND_MS);
    expect(await machine(id)).not.toHaveProperty('unreachableAt');
    await world.clock.advance(31 * SECOND_MS);
    expect(await machine(id)).toHaveProperty('unreachableAt');
    const granted = world.provider.count('grantAccess');
    await world.clock.advance(20 * MINUTE_MS);
    expect((await world.session(id)).status).toBe('running');
    expect(world.provider.count('grantAccess')).toBe(granted);
    looksShow(WORKS);
    await world.clock.advance(loginCheckMs);
    expect(await machine(id)).not.toHaveProperty('unreachableAt');
    expect(happened('login_restored')).toBe(0);
  });
});
