import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WorkReport } from '../../src/domain/idleness.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { request, sessionId } from '../support/builders.ts';

const WORK: WorkReport = { isBusy: true, gpuUtilizationPercent: undefined };
const NO_WORK: WorkReport = { isBusy: false, gpuUtilizationPercent: 1 };

let world: BrokerWorld;
afterEach(() => world.close());

/** A session that runs, with its agent. */
async function running(overrides: Parameters<BrokerWorld['create']>[0] = {}) {
  world = await brokerWorld();
  // Nobody can look into a machine whose private key is the caller's: the agent alone speaks for it.
  world.shell.inspection = async () => ({ kind: 'key_accepted' });
  const { session, agentToken: token = '' } = await world.create(overrides);
  await world.clock.advance(MINUTE_MS);
  const { id } = session;
  expect((await world.session(id)).status).toBe('running');
  const beat = (report: WorkReport, shown = token) =>
    world.broker.heartbeats.beat(id, { token: shown, report });
  return { id, token, beat };
}

describe('a heartbeat', () => {
  it('of work makes the session active, and time without one makes it idle', async () => {
    const { beat } = await running();
    await world.clock.advance(10 * MINUTE_MS);
    expect(await beat(NO_WORK)).toMatchObject({ kind: 'taken', idleMinutes: 10 });
    expect(await beat(WORK)).toMatchObject({ kind: 'taken', idleMinutes: 0 });
    await world.clock.advance(7 * MINUTE_MS);
    expect(await beat(NO_WORK)).toMatchObject({ idleMinutes: 7, idleDeadline: undefined });
  });

  it('names the moment of the idle end where there is one', async () => {
    const { id, beat } = await running({ idleThresholdMinutes: 30 });
    const { lastActiveAt } = await beat(WORK).then(() => world.session(id));
    expect(await beat(NO_WORK)).toMatchObject({
      idleDeadline: (lastActiveAt ?? 0) + 30 * MINUTE_MS,
    });
  });

  it('costs one write in ten seconds at most, however many there are', async () => {
    const { id, beat } = await running();
    await beat(WORK);
    const { version } = await world.session(id);
    for (let second = 1; second <= 25; second += 1) {
      await world.clock.advance(SECOND_MS);
      await beat(WORK);
    }
    expect((await world.session(id)).version).toBe(version + 2);
  });

  it('with another token is nobody’s, and changes nothing', async () => {
    const { id, beat } = await running();
    const before = await world.session(id);
    for (const wrong of ['', 'token of somebody', `${before.agentTokenHash}`]) {
      expect(await beat(WORK, wrong)).toEqual({ kind: 'not_its_agent' });
    }
    expect(await world.session(id)).toEqual(before);
  });

  it('for a session that there is not is answered like one with a wrong token', async () => {
    const { token } = await running();
    const heartbeat = { token, report: WORK };
    expect(await world.broker.heartbeats.beat(sessionId(77), heartbeat)).toEqual({
      kind: 'not_its_agent',
    });
  });

  it('comes too late when the session is to end, and still needs the token', async () => {
    const { id, beat } = await running();
    world.provider.endsOnTerminate = false;
    await world.broker.sessions.done(id);
    expect(await beat(WORK)).toEqual({ kind: 'ending' });
    world.provider.endsOnTerminate = true;
    await world.clock.advance(10 * MINUTE_MS);
    expect((await world.session(id)).status).toBe('stopped');
    expect(await beat(WORK)).toEqual({ kind: 'ending' });
    expect(await beat(WORK, 'wrong')).toEqual({ kind: 'not_its_agent' });
  });

  it('is taken before the machine is ready and before the broker is', async () => {
    const { id, token, beat } = await running();
    await beat(WORK);
    await world.restart();
    expect(await world.broker.heartbeats.beat(id, { token, report: WORK })).toMatchObject({
      kind: 'taken',
      idleMinutes: 0,
    });
  });
});

describe('the agent token', () => {
  it('comes with the session, the same on every replay, and only its hash is kept', async () => {
    world = await brokerWorld();
    const creation = { request: request(), idempotency: { key: ':k', bodyHash: 'hash' } };
    const ask = async () => {
      const answer = world.broker.sessions.create(creation);
      await world.clock.advance(SECOND_MS);
      return answer;
    };
    const first = await ask();
    expect(first.agentToken).toBe(`token of ${first.session.id}`);
    const again = await ask();
    expect({ ...again, session: first.session }).toEqual(first);
    const stored = await world.session(first.session.id);
    expect(stored.agentTokenHash).toBe(`hash of token of ${stored.id}`);
    expect(JSON.stringify(stored)).not.toContain(`"token of ${stored.id}"`);
  });

  it('comes with a session that has the caller’s own key too', async () => {
    world = await brokerWorld();
    const answer = await world.create({ sshPublicKey: 'ssh-ed25519 AAAA' });
    expect(answer.privateKey).toBeUndefined();
    expect(answer.agentToken).toBe(`token of ${answer.session.id}`);
  });

  it('is not given again where the session would not take it', async () => {
    world = await brokerWorld();
    const creation = { request: request(), idempotency: { key: ':k', bodyHash: 'hash' } };
    const creating = world.broker.sessions.create(creation);
    await world.clock.advance(SECOND_MS);
    const { session } = await creating;
    // As after a change of the secrets key.
    const stored = await world.session(session.id);
    await world.store.save({ ...stored, agentTokenHash: 'hash of another token' }, []);
    expect((await world.broker.sessions.create(creation)).agentToken).toBeUndefined();
  });
});

describe('an idle session', () => {
  const IDLE = { idleThresholdMinutes: 30, reservationHours: 3 } as const;
  type Beat = Awaited<ReturnType<typeof running>>['beat'];

  /** Says the same once a minute. */
  async function keepSaying(beat: Beat, report: WorkReport, minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await world.clock.advance(MINUTE_MS);
      await beat(report);
    }
    await world.clock.advance(SECOND_MS);
  }

  const shownOf = async (id: string) => {
    const { status, stopReason } = await world.session(id);
    return { status, stopReason };
  };
  const RUNNING = { status: 'running', stopReason: undefined };

  it('ends as soon as its agent has said so for the whole threshold', async () => {
    const { id, beat } = await running(IDLE);
    await keepSaying(beat, NO_WORK, 30);
    expect(await shownOf(id)).toEqual(RUNNING);
    await keepSaying(beat, NO_WORK, 1);
    await world.clock.advance(MINUTE_MS);
    expect(await shownOf(id)).toEqual({ status: 'stopped', stopReason: 'idle' });
    expect(world.provider.instances.every(({ isGone }) => isGone)).toBe(true);
  });

  it('runs to its end where no agent speaks', async () => {
    const { id } = await running({ ...IDLE, reservationHours: 1 });
    await world.clock.advance(58 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.clock.advance(5 * MINUTE_MS);
    expect(await shownOf(id)).toEqual({ status: 'stopped', stopReason: 'expired' });
  });

  it('lives on after one word of work, an extension, or a silence', async () => {
    const { id, beat } = await running(IDLE);
    await keepSaying(beat, NO_WORK, 29);
    await keepSaying(beat, WORK, 1);
    await keepSaying(beat, NO_WORK, 30);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.broker.sessions.extend(id, 1);
    await keepSaying(beat, NO_WORK, 30);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.clock.advance(6 * MINUTE_MS);
    await keepSaying(beat, NO_WORK, 30);
    expect(await shownOf(id)).toEqual(RUNNING);
    await keepSaying(beat, NO_WORK, 3);
    expect(await shownOf(id)).toMatchObject({ stopReason: 'idle' });
  });

  it('begins anew when the broker does, for its rows may be from a backup', async () => {
    const { id, token, beat } = await running(IDLE);
    await keepSaying(beat, NO_WORK, 30);
    await world.restart();
    await world.clock.advance(SECOND_MS);
    const beatAnew: Beat = (report, shown = token) =>
      world.broker.heartbeats.beat(id, { token: shown, report });
    await keepSaying(beatAnew, NO_WORK, 30);
    expect(await shownOf(id)).toEqual(RUNNING);
    await keepSaying(beatAnew, NO_WORK, 2);
    expect(await shownOf(id)).toMatchObject({ stopReason: 'idle' });
  });

  it('begins anew after a word that could not be written down', async () => {
    const { id, beat } = await running(IDLE);
    await keepSaying(beat, NO_WORK, 25);
    const save = vi.spyOn(world.store, 'save').mockRejectedValueOnce(new Error('disk full'));
    await expect(beat(WORK)).rejects.toThrow('disk full');
    save.mockRestore();
    await keepSaying(beat, NO_WORK, 30);
    expect(await shownOf(id)).toEqual(RUNNING);
    await keepSaying(beat, NO_WORK, 2);
    expect(await shownOf(id)).toMatchObject({ stopReason: 'idle' });
  });

  it('stays while its provider cannot be asked, and ends when it can', async () => {
    const { id, beat } = await running(IDLE);
    await keepSaying(beat, NO_WORK, 20);
    const [machine] = world.provider.instances;
    if (!machine) throw new Error('it was launched');
    machine.phase = 'unknown';
    await keepSaying(beat, NO_WORK, 20);
    expect(await shownOf(id)).toEqual(RUNNING);
    machine.phase = 'running';
    await keepSaying(beat, NO_WORK, 2);
    expect(await shownOf(id)).toMatchObject({ stopReason: 'idle' });
  });

  it.each([HOUR_MS, -HOUR_MS])('is not ended by a clock that is set by %i ms', async (byMs) => {
    const { id, beat } = await running(IDLE);
    await keepSaying(beat, NO_WORK, 20);
    world.clock.jump(byMs);
    await keepSaying(beat, NO_WORK, 30);
    expect(await shownOf(id)).toEqual(RUNNING);
    await keepSaying(beat, NO_WORK, 2);
    expect(await shownOf(id)).toMatchObject({ stopReason: 'idle' });
  });
});
