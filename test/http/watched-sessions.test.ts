import type { InjectOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { BrokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type Ask, brokerOverHttp } from './broker-over-http.ts';
import { problemsOf } from './http-world.ts';

let world: BrokerWorld;
afterEach(() => world.close());

async function broker(): Promise<Ask> {
  const clock = manualClock();
  const menu = [offer({ id: 'alpha-1', preservable: true })];
  const over = await brokerOverHttp({ clock, providers: [fakeProvider({ clock, menu })] });
  world = over.world;
  return over.ask;
}

function create(change: Readonly<Record<string, unknown>> = {}): InjectOptions {
  const payload = {
    consumer_id: 'consumer-1',
    offer_id: 'alpha-1',
    workload_type: 'batch',
    reservation_hours: 2,
    on_interruption: 'replace',
    ...change,
  };
  return { method: 'POST', url: '/sessions', payload };
}

async function running(ask: Ask, change?: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await ask(create(change));
  expect(answer.statusCode).toBe(201);
  const url = `/sessions/${answer.json().session.id}`;
  await world.clock.advance(MINUTE_MS);
  expect((await ask(url)).json()).toMatchObject({ status: 'running' });
  return url;
}

describe('on_interruption', () => {
  it('replace is shown, and while another machine is looked for why, since when, and what is left', async () => {
    const ask = await broker();
    const url = await running(ask);
    expect((await ask(url)).json()).toMatchObject({ on_interruption: 'replace' });
    const [machine] = world.provider.instances;
    if (!machine) throw new Error('a machine runs');
    machine.phase = 'stopped';
    machine.shown = { stopCause: 'outbid' };
    await world.clock.advance(2 * MINUTE_MS);
    const waiting = (await ask(url)).json();
    expect(waiting).toMatchObject({
      status: 'provisioning',
      interruption: { since: expect.stringMatching(/Z$/), reason: 'outbid' },
      attempts: [{ outcome: 'failed', error_type: 'outbid' }],
    });
    expect([118, 119]).toContain(waiting.interruption.left_minutes);
    expect(waiting).not.toHaveProperty('running_at');
    world.provider.menu = [offer({ id: 'alpha-2', providerId: '2' })];
    await world.clock.advance(2 * MINUTE_MS);
    const again = (await ask(url)).json();
    expect(again).toMatchObject({ status: 'running', offer_id: 'alpha-2' });
    expect(again).not.toHaveProperty('interruption');
  });

  it('end is what happens when nothing is said, and is not shown', async () => {
    const ask = await broker();
    const url = await running(ask, { on_interruption: undefined });
    expect((await ask(url)).json()).not.toHaveProperty('on_interruption');
  });

  it.each([
    [
      { storage_policy: 'preserve' },
      'on_interruption: replace cannot be given together with storage_policy preserve: the disk that is kept is on the machine that would be replaced',
    ],
    [{ on_interruption: 'restart' }, 'on_interruption: must be one of end, replace'],
  ])('with %o is refused', async (change, problem) => {
    const ask = await broker();
    const refused = await ask(create(change));
    expect(refused.statusCode).toBe(400);
    expect(problemsOf(refused)).toContain(problem);
  });

  it('gives a bare offer a time for its search', async () => {
    const ask = await broker();
    const taken = await ask(create({ search_timeout_minutes: 30 }));
    expect(taken.statusCode).toBe(201);
    const refused = await ask(create({ search_timeout_minutes: 30, on_interruption: 'end' }));
    expect(refused.statusCode).toBe(400);
  });
});

describe('the login of a running session', () => {
  const { loginCheckMs } = DEFAULT_POLICY;

  it('is ok, until it is not: then since when', async () => {
    const ask = await broker();
    const url = await running(ask);
    expect((await ask(url)).json().login).toEqual({ status: 'ok' });
    world.shell.inspection = async () => ({ kind: 'auth_refused' });
    await world.clock.advance(loginCheckMs + 31 * SECOND_MS);
    expect((await ask(url)).json().login).toEqual({
      status: 'lost',
      since: expect.stringMatching(/Z$/),
    });
  });

  it('with another host key is told of by diagnostics, which log in no more', async () => {
    const ask = await broker();
    const url = await running(ask);
    world.shell.inspection = async () => ({ kind: 'host_key_changed', hostKey: 'SHA256:other' });
    await world.clock.advance(loginCheckMs);
    expect((await ask(url)).json().login).toMatchObject({ status: 'host_key_changed' });
    const asked = world.shell.inspections.length;
    const found = (await ask(`${url}/diagnostics`)).json();
    expect(found).toMatchObject({ ssh_available: false });
    expect(found.note).toContain('do not send it anything');
    expect(world.shell.inspections).toHaveLength(asked);
  });
});
