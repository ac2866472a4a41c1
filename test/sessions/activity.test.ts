import { afterEach, describe, expect, it } from 'vitest';
import type { MachineReport, WorkReading } from '../../src/domain/machine-report.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Inspection } from '../../src/ports/remote-shell.ts';
import type { Store } from '../../src/ports/store.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { REPORT } from '../support/fake-shell.ts';

let world: BrokerWorld;
afterEach(() => world.close());

/** Takes no activity while it is full. */
const disk = { isFull: false };

function onDisk(store: Store): Store {
  return {
    ...store,
    saveActivity: async (record) => {
      if (disk.isFull) throw new Error('the disk is full');
      return store.saveActivity(record);
    },
  };
}

/** What a machine does from now on; counters go on from where they were. */
interface Doing {
  readonly gpuPercent?: number;
  readonly cpus?: number;
}

/** A session that runs on a machine which does what the test says. */
async function running(overrides: Parameters<BrokerWorld['create']>[0] = {}) {
  disk.isFull = false;
  world = await brokerWorld({ around: onDisk });
  const machine = pretendedMachine();
  world.shell.inspection = machine.look;
  const { session, agentToken: token = '' } = await world.create({
    idleThresholdMinutes: 30,
    reservationHours: 6,
    ...overrides,
  });
  await world.clock.advance(MINUTE_MS);
  const { id } = session;
  expect((await world.session(id)).status).toBe('running');
  return { id, token, machine };
}

function pretendedMachine() {
  let doing: Doing = {};
  let since = world.clock.now();
  let cpuSeconds = 0;
  const settle = (): void => {
    cpuSeconds += ((world.clock.now() - since) / SECOND_MS) * (doing.cpus ?? 0.005);
    since = world.clock.now();
  };
  return {
    does: (next: Doing) => {
      settle();
      doing = next;
    },
    look: async (): Promise<Inspection> => {
      settle();
      return { kind: 'logged_in', report: reportOf(doing, cpuSeconds) };
    },
  };
}

function reportOf({ gpuPercent = 0 }: Doing, cpuBusySeconds: number): MachineReport {
  const [card] = REPORT.gpus ?? [];
  if (!card) throw new Error('the report has a card');
  const work: WorkReading = {
    uptimeSeconds: world.clock.now() / SECOND_MS - 1_700_000_000,
    cpuCount: 8,
    cpuBusySeconds,
    networkBytes: 1_000,
    diskBytes: 2_000,
    logins: 0,
    gpuProcesses: 1,
  };
  return { ...REPORT, gpus: [{ ...card, utilizationPercent: gpuPercent }], work };
}

const shownOf = async (id: string) => {
  const { status, stopReason } = await world.session(id);
  return { status, stopReason };
};
const RUNNING = { status: 'running', stopReason: undefined };
const IDLE_END = { status: 'stopped', stopReason: 'idle' };

describe('a session that is looked into', () => {
  it('ends when nothing has gone on for the threshold, within an interval of it', async () => {
    const { id, machine } = await running();
    machine.does({ gpuPercent: 90, cpus: 2 });
    await world.clock.advance(HOUR_MS);
    machine.does({});
    await world.clock.advance(30 * MINUTE_MS - SECOND_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.clock.advance(MINUTE_MS + 10 * SECOND_MS);
    expect(await shownOf(id)).toEqual(IDLE_END);
  });

  it('is warned of before, and the warning is told with the moment of the end', async () => {
    const { id } = await running();
    await world.clock.advance(27 * MINUTE_MS);
    const { idleWarnedAt = 0, idleEndsAt = 0, idleSince } = await world.session(id);
    expect(idleEndsAt - idleWarnedAt).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(await world.store.events(id, 100)).toContainEqual({
      kind: 'idle_warned',
      at: idleWarnedAt,
      sessionId: id,
      idleSince,
      endsAt: idleEndsAt,
    });
  });

  it('lives on after one look that shows work, and is warned anew', async () => {
    const { id, machine } = await running();
    await world.clock.advance(28 * MINUTE_MS);
    expect((await world.session(id)).idleWarnedAt).toBeDefined();
    machine.does({ gpuPercent: 40 });
    await world.clock.advance(MINUTE_MS);
    machine.does({});
    expect((await world.session(id)).idleWarnedAt).toBeUndefined();
    expect(world.kinds()).toContain('idle_warning_cleared');
    await world.clock.advance(29 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.clock.advance(3 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(IDLE_END);
    expect(world.kinds().filter((kind) => kind === 'idle_warned')).toHaveLength(2);
  });

  it('lives on by one call: a heartbeat, or an extension', async () => {
    const { id, token } = await running();
    await world.clock.advance(29 * MINUTE_MS);
    const report = { isBusy: true, gpuUtilizationPercent: undefined };
    await world.broker.heartbeats.beat(id, { token, report });
    expect((await world.session(id)).idleWarnedAt).toBeUndefined();
    await world.clock.advance(29 * MINUTE_MS);
    await world.broker.sessions.extend(id, 1);
    expect((await world.session(id)).idleWarnedAt).toBeUndefined();
    await world.clock.advance(29 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.clock.advance(3 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(IDLE_END);
  });

  it('counts as active while nobody can look', async () => {
    const { id } = await running();
    world.shell.inspection = async () => ({ kind: 'timed_out', phase: 'connect' });
    await world.clock.advance(3 * HOUR_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    const [latest] = await world.store.activityOf(id, 1);
    expect(latest).toMatchObject({ verdict: 'active', because: [{ reason: 'look_failed' }] });
  });

  it('is not idle while its agent says that it works, whatever the looks show', async () => {
    const { id, token } = await running();
    const report = { isBusy: true, gpuUtilizationPercent: undefined };
    for (let minute = 0; minute < 90; minute += 1) {
      await world.clock.advance(MINUTE_MS);
      await world.broker.heartbeats.beat(id, { token, report });
    }
    expect(await shownOf(id)).toEqual(RUNNING);
    const sources = (await world.store.activityOf(id, 100)).map(({ source }) => source);
    expect(new Set(sources)).toEqual(new Set(['probe', 'agent']));
  });

  it('has to be idle anew when the broker was started again', async () => {
    const { id } = await running();
    await world.clock.advance(29 * MINUTE_MS);
    await world.restart();
    await world.clock.advance(29 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.clock.advance(3 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(IDLE_END);
  });

  it('is held against the look before the restart from the first look on', async () => {
    const { id } = await running();
    await world.clock.advance(10 * MINUTE_MS);
    await world.restart();
    const at = world.clock.now();
    await world.clock.advance(MINUTE_MS + SECOND_MS);
    const found = (await world.store.activityOf(id, 100)).filter((one) => one.at > at);
    expect(found.map(({ verdict }) => verdict)).not.toContain('active');
    expect(found.length).toBeGreaterThan(0);
  });

  it('has to be idle anew when a decision could not be written down', async () => {
    const { id } = await running();
    await world.clock.advance(28 * MINUTE_MS);
    disk.isFull = true;
    await world.clock.advance(MINUTE_MS);
    disk.isFull = false;
    await world.clock.advance(29 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    await world.clock.advance(4 * MINUTE_MS);
    expect(await shownOf(id)).toEqual(IDLE_END);
  });

  it('without a threshold is not written down, and does not end', async () => {
    const { id } = await running({ idleThresholdMinutes: 0 });
    const { version } = await world.session(id);
    await world.clock.advance(3 * HOUR_MS);
    expect(await shownOf(id)).toEqual(RUNNING);
    expect((await world.session(id)).version).toBe(version);
    expect(await world.store.activityOf(id, 10)).toEqual([]);
  });
});
