import type { InjectOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { BrokerWorld } from '../support/broker-world.ts';
import { offer, PUBLIC_KEY } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { PROVEN, REPORT } from '../support/fake-shell.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type Ask, brokerOverHttp } from './broker-over-http.ts';
import { problemsOf } from './http-world.ts';

let world: BrokerWorld;
afterEach(() => world.close());

/** A market with two machines of two cards each. */
async function broker(): Promise<Ask> {
  const clock = manualClock();
  const menu = ['alpha-1', 'alpha-2'].map((id) =>
    offer({ id, gpuCount: 2, cudaVersion: '12.8', machineId: id }),
  );
  const over = await brokerOverHttp({ clock, providers: [fakeProvider({ clock, menu })] });
  world = over.world;
  return over.ask;
}

function create(change: Readonly<Record<string, unknown>> = {}): InjectOptions {
  const payload = {
    consumer_id: 'consumer-1',
    offer_id: 'alpha-1',
    workload_type: 'training',
    reservation_hours: 2,
    ...change,
  };
  return { method: 'POST', url: '/sessions', payload };
}

async function created(ask: Ask, change?: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await ask(create(change));
  expect(answer.statusCode).toBe(201);
  const { id }: { id: string } = answer.json().session;
  return id;
}

/** Both cards that were offered. */
const WHOLE = {
  ...PROVEN,
  report: { ...REPORT, gpus: [...(REPORT.gpus ?? []), ...(REPORT.gpus ?? [])] },
};
const BARE = { ...REPORT, gpus: undefined, driverVersion: undefined, cudaVersion: undefined };

describe('what running means', () => {
  it('is refused where it cannot be, and where it is neither of the two', async () => {
    const ask = await broker();
    const withKey = await ask(create({ readiness: 'gpu', ssh_public_key: PUBLIC_KEY }));
    expect(withKey.statusCode).toBe(400);
    expect(problemsOf(withKey)).toEqual([expect.stringMatching(/^readiness: .*ssh_public_key/)]);
    const neither = await ask(create({ readiness: 'gpus' }));
    expect(problemsOf(neither)).toEqual(['readiness: must be one of login, gpu']);
  });
});

describe('the machine', () => {
  it('is shown as it was seen at the first login', async () => {
    const ask = await broker();
    world.shell.answer = WHOLE;
    const id = await created(ask);
    await world.clock.advance(MINUTE_MS);
    const shown = (await ask(`/sessions/${id}`)).json();
    expect(shown.status).toBe('running');
    const card = { name: 'NVIDIA GeForce RTX 4090', memory_total_mb: 24_564 };
    expect(shown.machine).toEqual({
      gpus: [card, card],
      driver_version: '570.133.20',
      cuda_version: '12.8',
      disk_free_gb: 41.3,
      mismatches: [],
    });
  });

  it('is shown with what it lacks, where a login was enough', async () => {
    const ask = await broker();
    world.shell.answer = { ...PROVEN, report: { ...BARE, diskFreeBytes: 2e9 } };
    const id = await created(ask, { workload_type: 'ssh' });
    await world.clock.advance(MINUTE_MS);
    const shown = (await ask(`/sessions/${id}`)).json();
    expect(shown).toMatchObject({ status: 'running', machine: { disk_free_gb: 2 } });
    expect(shown.machine).not.toHaveProperty('gpus');
    expect(shown.machine.mismatches).toEqual([
      { kind: 'driver', offered: 'a driver that answers', found: 'none' },
      { kind: 'disk_gb', offered: '50', found: '2.0' },
    ]);
  });

  it('is not shown where nobody could look', async () => {
    const ask = await broker();
    world.shell.answer = { kind: 'proven', hostKey: 'SHA256:abc' };
    const id = await created(ask, { ssh_public_key: PUBLIC_KEY });
    await world.clock.advance(MINUTE_MS);
    const shown = (await ask(`/sessions/${id}`)).json();
    expect(shown.status).toBe('running');
    expect(shown).not.toHaveProperty('machine');
  });
});

describe('a machine that is not what was offered', () => {
  it('is given up for another one', async () => {
    const ask = await broker();
    world.shell.answer = WHOLE;
    world.shell.next(...Array.from({ length: 7 }, () => PROVEN));
    const id = await created(ask, { auto_retry: true });
    await world.clock.advance(MINUTE_MS);
    const shown = (await ask(`/sessions/${id}`)).json();
    expect(shown).toMatchObject({
      status: 'running',
      offer_id: 'alpha-2',
      attempts: [{ offer_id: 'alpha-1', error_type: 'wrong_machine' }, { offer_id: 'alpha-2' }],
    });
  });

  it('ends a session that has no other', async () => {
    const ask = await broker();
    world.shell.answer = PROVEN;
    const id = await created(ask);
    await world.clock.advance(MINUTE_MS);
    expect((await ask(`/sessions/${id}`)).json()).toMatchObject({
      status: 'failed',
      stop_reason: 'wrong_machine',
      error_type: 'wrong_machine',
      error: expect.stringContaining('gpu_count is 1 and was offered as 2'),
      machine: { mismatches: [{ kind: 'gpu_count', offered: '2', found: '1' }] },
    });
  });
});

describe('a machine whose driver is still to come', () => {
  it('is provisioning, with its address, until the driver answers', async () => {
    const ask = await broker();
    world.shell.answer = { ...PROVEN, report: BARE };
    const id = await created(ask);
    await world.clock.advance(3 * MINUTE_MS);
    expect((await ask(`/sessions/${id}`)).json()).toMatchObject({
      status: 'provisioning',
      ssh_host: '192.0.2.1',
      machine: { mismatches: [{ kind: 'driver' }] },
    });
    world.shell.answer = { kind: 'unreachable', phase: 'connect' };
    await world.clock.advance(30 * SECOND_MS);
    world.shell.answer = WHOLE;
    await world.clock.advance(5 * SECOND_MS);
    expect((await ask(`/sessions/${id}`)).json()).toMatchObject({
      status: 'running',
      machine: { mismatches: [] },
    });
  });

  it('is given up when that takes too long', async () => {
    const ask = await broker();
    world.shell.answer = { ...PROVEN, report: BARE };
    const id = await created(ask);
    await world.clock.advance(world.provider.driverTimeoutMs + MINUTE_MS);
    expect((await ask(`/sessions/${id}`)).json()).toMatchObject({
      status: 'failed',
      stop_reason: 'never_ready',
      error_type: 'no_driver',
    });
  });

  it('is looked at now and then, not all the time', async () => {
    const ask = await broker();
    world.shell.answer = { ...PROVEN, report: BARE };
    await created(ask);
    await world.clock.advance(MINUTE_MS);
    expect(world.shell.logins.length).toBeLessThanOrEqual(13);
  });
});
