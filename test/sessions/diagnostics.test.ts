import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Inspection } from '../../src/ports/remote-shell.ts';
import { gate } from '../runtime/gate.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer, PUBLIC_KEY, request, sessionId } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { PROVEN, REPORT } from '../support/fake-shell.ts';
import { manualClock } from '../support/manual-clock.ts';

const LOGGED_IN: Inspection = { kind: 'logged_in', report: REPORT };

let world: BrokerWorld;
afterEach(() => world.close());

async function running(overrides: Parameters<BrokerWorld['create']>[0] = {}) {
  world = await brokerWorld();
  const { session } = await world.create(overrides);
  await world.clock.advance(MINUTE_MS);
  return session.id;
}

describe('an examination', () => {
  it('logs in with the session’s key to the host that was pinned, and tells what was read', async () => {
    const id = await running();
    const examination = await world.broker.diagnostics.examine(id);
    const session = await world.session(id);
    expect(examination).toEqual({
      kind: 'examined',
      session,
      instance: session.instances[0],
      finding: LOGGED_IN,
    });
    expect(world.shell.inspections).toEqual([
      {
        login: {
          ...session.instances[0]?.address,
          publicKey: PUBLIC_KEY,
          privateKey: `private key of ${id}`,
          hostKey: PROVEN.kind === 'proven' ? PROVEN.hostKey : '',
        },
        deadlineMs: 10 * SECOND_MS,
      },
    ]);
  });

  it('shows no private key where the caller has it', async () => {
    const id = await running({ sshPublicKey: PUBLIC_KEY });
    world.shell.inspection = async () => ({ kind: 'key_accepted' });
    expect(await world.broker.diagnostics.examine(id)).toMatchObject({
      finding: { kind: 'key_accepted' },
    });
    expect(world.shell.inspections[0]?.login).not.toHaveProperty('privateKey');
  });

  it('changes nothing', async () => {
    const id = await running();
    const before = await world.session(id);
    world.shell.inspection = async () => ({ kind: 'host_key_changed', hostKey: 'SHA256:other' });
    await world.broker.diagnostics.examine(id);
    await world.broker.diagnostics.examine(id);
    expect(await world.session(id)).toEqual(before);
  });

  it('is for sessions that run, and says what the others are', async () => {
    world = await brokerWorld();
    world.shell.answer = { kind: 'auth_refused' };
    const { session } = await world.create();
    const { diagnostics } = world.broker;
    expect(await diagnostics.examine(session.id)).toEqual({
      kind: 'not_running',
      status: 'provisioning',
    });
    await world.broker.sessions.done(session.id);
    await world.clock.advance(10 * MINUTE_MS);
    expect(await diagnostics.examine(session.id)).toEqual({
      kind: 'not_running',
      status: 'stopped',
    });
    expect(await diagnostics.examine(sessionId(77))).toEqual({ kind: 'unknown_session' });
    expect(world.shell.inspections).toEqual([]);
  });

  it('makes no login where the machine offers none', async () => {
    const id = await running();
    const session = await world.session(id);
    const [{ address: _, ...instance } = never()] = session.instances;
    await world.store.save({ ...session, instances: [instance] }, []);
    expect(await world.broker.diagnostics.examine(id)).toMatchObject({
      kind: 'examined',
      finding: { kind: 'no_address' },
    });
    expect(world.shell.inspections).toEqual([]);
  });
});

describe('a storm of examinations', () => {
  it('of one session is one login in two seconds', async () => {
    const id = await running();
    const { diagnostics } = world.broker;
    const answers = await Promise.all(Array.from({ length: 50 }, () => diagnostics.examine(id)));
    expect(answers.every(({ kind }) => kind === 'examined')).toBe(true);
    expect(world.shell.inspections).toHaveLength(1);
    await world.clock.advance(2 * SECOND_MS);
    await diagnostics.examine(id);
    expect(world.shell.inspections).toHaveLength(2);
  });

  it('of many sessions is sixteen logins at once, and nobody waits for longer than he may', async () => {
    const { ids, door } = await crowd(40);
    const answers = ids.map((id) => world.broker.diagnostics.examine(id));
    await world.clock.advance(4 * SECOND_MS);
    expect(world.shell.inspections).toHaveLength(16);
    door.open();
    await world.clock.advance(4 * SECOND_MS);
    expect(world.shell.inspections).toHaveLength(32);
    // Sixteen more were given what was left of the ten seconds; the last eight come too late for a login.
    expect(world.shell.inspections.at(-1)?.deadlineMs).toBe(6 * SECOND_MS);
    door.open();
    await world.clock.advance(0);
    const kinds = (await Promise.all(answers)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'examined')).toHaveLength(32);
    expect(kinds.filter((kind) => kind === 'too_busy')).toHaveLength(8);
    expect(world.shell.inspections).toHaveLength(32);
  });
});

/** So many sessions that run, and hosts that answer when the door is opened. */
async function crowd(count: number) {
  const clock = manualClock();
  const menu = Array.from({ length: count }, (_, index) => offer({ id: `alpha-${index}` }));
  world = await brokerWorld({ clock, providers: [fakeProvider({ clock, menu })] });
  const ids: string[] = [];
  for (const { id: offerId } of menu) {
    const creation = { request: request({ choice: { kind: 'offer', offerId } }) };
    const creating = world.broker.sessions.create(creation);
    await clock.advance(0);
    ids.push((await creating).session.id);
  }
  await clock.advance(MINUTE_MS);
  const door = gate();
  world.shell.inspection = async () => {
    await door.pass();
    return LOGGED_IN;
  };
  return { ids, door };
}

function never(): never {
  throw new Error('a session that runs has an instance');
}
