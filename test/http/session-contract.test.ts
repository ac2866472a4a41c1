import type { InjectOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { BrokerWorld, WorldSetUp } from '../support/broker-world.ts';
import { offer, START } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type Ask, brokerOverHttp } from './broker-over-http.ts';
import { errorOf } from './http-world.ts';

/** A whole broker, asked over HTTP, with a market that has twenty machines. */
let world: BrokerWorld;
afterEach(() => world.close());

async function broker(setUp: WorldSetUp = {}): Promise<Ask> {
  const clock = manualClock();
  const menu = Array.from({ length: 20 }, (_, index) => offer({ id: `alpha-${index}` }));
  const over = await brokerOverHttp({
    clock,
    providers: [fakeProvider({ clock, menu })],
    ...setUp,
  });
  world = over.world;
  return over.ask;
}

function create(number: number, headers: Record<string, string> = {}): InjectOptions {
  const payload = {
    consumer_id: `consumer-${number % 2}`,
    offer_id: `alpha-${number}`,
    workload_type: 'ssh',
    reservation_hours: 2,
  };
  return { method: 'POST', url: '/sessions', payload, headers };
}

interface Created {
  readonly session: { readonly id: string; readonly status: string };
  readonly agent_token: string;
}

async function created(ask: Ask, number = 1): Promise<Created> {
  const answer = await ask(create(number));
  expect(answer.statusCode).toBe(201);
  return answer.json();
}

async function running(ask: Ask): Promise<Created & { readonly url: string }> {
  const answer = await created(ask);
  await world.clock.advance(MINUTE_MS);
  const url = `/sessions/${answer.session.id}`;
  expect((await ask(url)).json()).toMatchObject({ status: 'running' });
  return { ...answer, url };
}

async function ended(ask: Ask): Promise<Created & { readonly url: string }> {
  const session = await running(ask);
  await ask({ method: 'POST', url: `${session.url}/done` });
  await world.clock.advance(10 * MINUTE_MS);
  expect((await ask(session.url)).json()).toMatchObject({ status: 'stopped' });
  return session;
}

describe('a new session', () => {
  it('is where its Location says, and is not running before a login was proven', async () => {
    const ask = await broker();
    world.shell.answer = { kind: 'auth_refused' };
    const answer = await ask(create(1));
    expect(answer.statusCode).toBe(201);
    const { session } = answer.json<Created>();
    expect(answer.headers['location']).toBe(`/sessions/${session.id}`);
    const shown = await ask(`${answer.headers['location']}`);
    expect(shown.json()).toMatchObject({ id: session.id, status: 'provisioning' });
    expect(shown.body).not.toMatch(/agent_token|private/i);
  });

  it('comes with the same key and token when the request is sent again', async () => {
    const ask = await broker();
    const headers = { 'idempotency-key': 'once' };
    const first = (await ask(create(1, headers))).json();
    const again = await ask(create(1, headers));
    expect(again.statusCode).toBe(201);
    const { session: _, ...secrets } = first;
    expect(again.json()).toMatchObject(secrets);
    expect(secrets).toEqual({
      ssh_private_key: `private key of ${first.session.id}`,
      agent_token: `token of ${first.session.id}`,
    });
    const other = await ask({ ...create(2), headers });
    expect([other.statusCode, errorOf(other).error_type]).toEqual([422, 'idempotency_conflict']);
  });
});

describe('the list', () => {
  it('is newest first, and its pages are disjoint and complete', async () => {
    const ask = await broker();
    const ids: string[] = [];
    for (let number = 0; number < 7; number += 1) {
      ids.unshift((await created(ask, number)).session.id);
    }
    const pages: string[][] = [];
    for (const offset of [0, 3, 6, 9]) {
      const page = (await ask(`/sessions?limit=3&offset=${offset}`)).json();
      expect(page).toMatchObject({ count: page.sessions.length, total: 7 });
      pages.push(page.sessions.map(({ id }: { id: string }) => id));
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1, 0]);
    expect(pages.flat()).toEqual(ids);
    const ofOne = (await ask('/sessions?consumer_id=consumer-1&limit=2')).json();
    expect(ofOne).toMatchObject({ count: 2, total: 3 });
    expect((await ask('/sessions?status=failed')).json()).toEqual({
      sessions: [],
      count: 0,
      total: 0,
    });
  });
});

describe('an end', () => {
  it('by "done" is at once, and a conflict when it has ended', async () => {
    const ask = await broker();
    const { url, session } = await running(ask);
    const answer = await ask({ method: 'POST', url: `${url}/done` });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { message: 'session shutdown initiated', session_id: session.id },
    ]);
    await world.clock.advance(10 * MINUTE_MS);
    const again = await ask({ method: 'POST', url: `${url}/done` });
    expect([again.statusCode, errorOf(again).error_type]).toEqual([409, 'conflict']);
  });

  it('by DELETE is proven, and proven again when it has ended', async () => {
    const ask = await broker();
    const { url, session } = await running(ask);
    const told = [200, { message: 'session destroyed', session_id: session.id }];
    for (const _ of ['the first time', 'the second']) {
      const answer = await ask({ method: 'DELETE', url });
      expect([answer.statusCode, answer.json()]).toEqual(told);
    }
  });

  it('that the provider does not confirm in 25 seconds is under way', async () => {
    const ask = await broker();
    const { url, session } = await running(ask);
    world.provider.endsOnTerminate = false;
    const askedAt = world.clock.now();
    const answer = await ask({ method: 'DELETE', url });
    expect(world.clock.now() - askedAt).toBeGreaterThanOrEqual(25 * SECOND_MS);
    expect([answer.statusCode, answer.json()]).toEqual([
      202,
      { message: 'session shutdown initiated', session_id: session.id },
    ]);
    world.provider.endsOnTerminate = true;
  });
});

describe('an extension', () => {
  const extend = (url: string, hours: number): InjectOptions => ({
    method: 'POST',
    url: `${url}/extend`,
    payload: { additional_hours: hours },
  });

  it('goes up to the hard limit, and says how far it would have gone', async () => {
    const ask = await broker();
    const { url, session } = await running(ask);
    const before = (await ask(url)).json();
    const answer = await ask(extend(url, 10));
    expect(answer.json()).toEqual({
      message: 'session extended',
      session_id: session.id,
      new_expires_at: (await ask(url)).json().expires_at,
    });
    const limit = Date.parse(before.running_at) + 12 * HOUR_MS;
    expect(Date.parse(answer.json().new_expires_at)).toBe(limit);
    const beyond = await ask(extend(url, 1));
    expect(beyond.statusCode).toBe(400);
    expect(beyond.json()).toMatchObject({
      error_type: 'hard_limit',
      max_expires_at: answer.json().new_expires_at,
    });
  });

  it('of what has ended is a conflict', async () => {
    const ask = await broker();
    const { url } = await ended(ask);
    const answer = await ask(extend(url, 1));
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([409, 'conflict']);
  });
});

describe('a resumption', () => {
  it.each([
    ['that runs', running, /is running; only a session that was stopped with its disk kept/],
    ['that has ended', ended, /has ended and its disk is not kept/],
  ])('of a session %s is a conflict, and says why', async (_, live, sentence) => {
    const ask = await broker();
    const { url } = await live(ask);
    const answer = await ask({ method: 'POST', url: `${url}/resume` });
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([409, 'conflict']);
    expect(errorOf(answer).error).toMatch(sentence);
  });

  it.each(['sess-0000000000000000', 'anything'])('of %s is not found', async (id) => {
    const ask = await broker();
    const answer = await ask({ method: 'POST', url: `/sessions/${id}/resume` });
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([404, 'not_found']);
  });
});

describe('the machine of a session', () => {
  const beat = (url: string, token: string): InjectOptions => ({
    method: 'POST',
    url: `${url}/heartbeat`,
    payload: { agent_token: token, busy: false },
  });

  it('is examined while it runs, and tells whether it has work', async () => {
    const ask = await broker();
    const { url, agent_token: token } = await running(ask);
    await world.clock.advance(5 * MINUTE_MS);
    const silent = (await ask(`${url}/diagnostics`)).json();
    expect(silent).toMatchObject({ ssh_available: true, uptime: '5m', gpu: [{}] });
    expect(silent).not.toHaveProperty('idle_minutes');
    const heartbeat = await ask(beat(url, token));
    expect([heartbeat.statusCode, heartbeat.json()]).toEqual([
      200,
      { idle_minutes: 5, idle_deadline: null },
    ]);
    expect((await ask(`${url}/diagnostics`)).json()).toMatchObject({ idle_minutes: 5 });
    expect((await ask(beat(url, `${token}x`))).statusCode).toBe(401);
  });

  it('is neither examined nor heard when the session has ended', async () => {
    const ask = await broker();
    const { url, agent_token: token } = await ended(ask);
    const diagnostics = await ask(`${url}/diagnostics`);
    expect([diagnostics.statusCode, errorOf(diagnostics).error_type]).toEqual([
      400,
      'validation_error',
    ]);
    const heartbeat = await ask(beat(url, token));
    expect([heartbeat.statusCode, errorOf(heartbeat).error_type]).toEqual([409, 'conflict']);
  });
});

it('what would rent or end is not ready before the broker is, and what reads is', async () => {
  const ask = await broker({ start: 'not yet' });
  const url = '/sessions/sess-0000000000000000';
  const changes = [
    create(1),
    { method: 'DELETE', url },
    ...['done', 'extend', 'resume'].map((act) => ({
      method: 'POST',
      url: `${url}/${act}`,
      ...(act === 'extend' ? { payload: { additional_hours: 1 } } : {}),
    })),
  ] as const satisfies readonly InjectOptions[];
  for (const request of changes) {
    const answer = await ask(request);
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([503, 'not_ready']);
  }
  expect((await ask('/sessions')).json()).toEqual({ sessions: [], count: 0, total: 0 });
  expect((await ask(`${url}/diagnostics`)).statusCode).toBe(404);
  expect(world.clock.now()).toBeGreaterThan(START);
});
