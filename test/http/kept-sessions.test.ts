import type { InjectOptions } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { BrokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type Ask, brokerOverHttp } from './broker-over-http.ts';
import { errorOf, problemsOf } from './http-world.ts';

let world: BrokerWorld;
afterEach(() => world.close());

/** A market in which one machine can be kept and takes bids, and another one does neither. */
async function broker(): Promise<Ask> {
  const clock = manualClock();
  const menu = [
    offer({ id: 'alpha-1', preservable: true, minBid: 120_000 }),
    offer({ id: 'alpha-2' }),
  ];
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
    storage_policy: 'preserve',
    ...change,
  };
  return { method: 'POST', url: '/sessions', payload };
}

async function running(ask: Ask, change?: Readonly<Record<string, unknown>>) {
  const answer = await ask(create(change));
  expect(answer.statusCode).toBe(201);
  const { id }: { id: string } = answer.json().session;
  const url = `/sessions/${id}`;
  await world.clock.advance(MINUTE_MS);
  expect((await ask(url)).json()).toMatchObject({ status: 'running' });
  const post = (act: string): InjectOptions => ({ method: 'POST', url: `${url}/${act}` });
  return { id, url, post };
}

async function kept(ask: Ask, change?: Readonly<Record<string, unknown>>) {
  const session = await running(ask, change);
  await ask(session.post('done'));
  await world.clock.advance(10 * SECOND_MS);
  return session;
}

describe('an offer', () => {
  it('says whether its machine can be kept, and what the least bid is', async () => {
    const ask = await broker();
    const { offers } = (await ask('/offers')).json();
    expect(offers).toMatchObject([
      { id: 'alpha-1', preservable: true, min_bid: 0.12 },
      { id: 'alpha-2', preservable: false },
    ]);
    expect(offers[1]).not.toHaveProperty('min_bid');
  });
});

describe('a session that keeps its disk', () => {
  it('shows until when, and no address, once it is stopped', async () => {
    const ask = await broker();
    const { url } = await kept(ask);
    const shown = (await ask(url)).json();
    expect(shown).toMatchObject({
      status: 'stopped',
      stop_reason: 'done',
      storage_policy: 'preserve',
      attempts: [{ outcome: 'preserved' }],
    });
    const keptUntil = Date.parse(shown.disk_kept_until);
    expect(keptUntil - Date.parse(shown.stopped_at)).toBe(7 * DAY_MS);
    expect(shown.disk_price_per_hour).toBeGreaterThan(0);
    expect(shown.disk_price_per_hour).toBeLessThan(shown.price_per_hour);
    expect(shown).not.toHaveProperty('ssh_host');
  });

  it('says `stopping` for as long as its machine does not rest', async () => {
    const ask = await broker();
    const { url, post } = await running(ask);
    world.provider.onStop = () => {};
    await ask(post('done'));
    await world.clock.advance(MINUTE_MS);
    const shown = (await ask(url)).json();
    expect(shown).toMatchObject({ status: 'stopping', attempts: [{ outcome: 'stopping' }] });
    expect(shown).not.toHaveProperty('disk_kept_until');
  });

  it('goes on costing, and its tag stays weak for that', async () => {
    const ask = await broker();
    const { url } = await kept(ask);
    const before = await ask(url);
    await world.clock.advance(DAY_MS / 24);
    const after = await ask(url);
    expect(after.json().cost_so_far - before.json().cost_so_far).toBeCloseTo(0.02, 4);
    expect(after.headers['etag']).toBe(before.headers['etag']);
    expect(after.headers['etag']).toMatch(/^W\//);
  });

  it('loses the disk to a DELETE, which waits for the proof', async () => {
    const ask = await broker();
    const { id, url, post } = await kept(ask);
    const answer = await ask({ method: 'DELETE', url });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { message: 'session destroyed', session_id: id },
    ]);
    const shown = (await ask(url)).json();
    expect(shown).toMatchObject({ status: 'stopped', attempts: [{ outcome: 'ended' }] });
    expect(shown).not.toHaveProperty('disk_kept_until');
    const resuming = await ask(post('resume'));
    expect([resuming.statusCode, errorOf(resuming).error_type]).toEqual([409, 'conflict']);
  });

  it('cannot be had where the machine cannot be stopped', async () => {
    const ask = await broker();
    const answer = await ask(create({ offer_id: 'alpha-2' }));
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([
      'storage_policy: cannot be preserve with this offer: its machine cannot be stopped with the disk kept',
    ]);
    const { offer_id: _none, ...payload } = create().payload as Record<string, unknown>;
    const wishes = { ...payload, requirements: {} };
    expect((await ask({ method: 'POST', url: '/sessions', payload: wishes })).json()).toMatchObject(
      {
        session: { offer_id: 'alpha-1' },
      },
    );
  });
});

describe('a resumption', () => {
  it('is the session, coming up again under its id', async () => {
    const ask = await broker();
    const { id, url, post } = await kept(ask);
    const answer = await ask(post('resume'));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      id,
      status: 'provisioning',
      attempts: [{ outcome: 'provisioning' }],
    });
    for (const field of ['stop_reason', 'stopped_at', 'running_at', 'disk_kept_until']) {
      expect(answer.json()).not.toHaveProperty(field);
    }
    await world.clock.advance(MINUTE_MS);
    const shown = (await ask(url)).json();
    expect(shown).toMatchObject({ id, status: 'running', attempts: [{ outcome: 'running' }] });
    expect(shown.attempts).toHaveLength(1);
    expect(shown.ssh_host).toBeDefined();
    const again = await ask(post('resume'));
    expect([again.statusCode, errorOf(again).error_type]).toEqual([409, 'conflict']);
  });

  it('that the provider has no GPUs for is 503, suggests another try, and keeps the disk', async () => {
    const ask = await broker();
    const { id, url, post } = await kept(ask);
    world.provider.fault('start', refused('no_capacity'));
    const answer = await ask(post('resume'));
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      error_type: 'provider_unavailable',
      session_id: id,
      retry_suggested: true,
    });
    await world.clock.advance(10 * SECOND_MS);
    const shown = (await ask(url)).json();
    expect(shown).toMatchObject({
      status: 'stopped',
      stop_reason: 'done',
      attempts: [{ outcome: 'preserved', error_type: 'provider_unavailable' }],
    });
    expect(Date.parse(shown.disk_kept_until)).toBeGreaterThan(world.clock.now());
    expect((await ask(post('resume'))).statusCode).toBe(200);
  });

  it('that the provider refuses for its account is 502', async () => {
    const ask = await broker();
    const { post } = await kept(ask);
    world.provider.fault('start', refused('insufficient_funds'));
    const answer = await ask(post('resume'));
    expect([answer.statusCode, answer.json()]).toMatchObject([
      502,
      { error_type: 'provider_error', retry_suggested: false },
    ]);
  });

  it('for which the hard limit leaves less than an hour is 400, and keeps the disk', async () => {
    const ask = await broker();
    const { id, url, post } = await kept(ask);
    const row = await world.session(id);
    const { stopAskedAt = 0 } = row;
    await world.store.save({ ...row, runningAt: stopAskedAt - 11 * 3_600_000 - 1 }, []);
    const answer = await ask(post('resume'));
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([400, 'hard_limit']);
    expect((await ask(url)).json()).toMatchObject({ attempts: [{ outcome: 'preserved' }] });
  });
});

describe('a bid', () => {
  it('is shown with its session, and in its price', async () => {
    const ask = await broker();
    const { url } = await running(ask, { pricing: 'interruptible', bid_price: 0.15 });
    expect((await ask(url)).json()).toMatchObject({
      pricing: 'interruptible',
      bid_price: 0.15,
      price_per_hour: 0.17,
    });
  });

  it('that is too low is 422 with the least, and for an offer without bids 400', async () => {
    const ask = await broker();
    const bid = { pricing: 'interruptible', bid_price: 0.1, storage_policy: 'destroy' };
    const low = await ask(create(bid));
    expect(low.statusCode).toBe(422);
    expect(low.json()).toMatchObject({
      error_type: 'no_matching_offer',
      offer_id: 'alpha-1',
      min_bid: 0.12,
    });
    const none = await ask(create({ ...bid, offer_id: 'alpha-2' }));
    expect(none.statusCode).toBe(400);
    expect(problemsOf(none)).toEqual([
      'pricing: cannot be interruptible with this offer: no bids are known to be taken for it',
    ]);
  });

  it('of somebody else that is higher ends the session as outbid', async () => {
    const ask = await broker();
    const bid = { pricing: 'interruptible', bid_price: 0.15, storage_policy: 'destroy' };
    const { url } = await running(ask, bid);
    for (const machine of world.provider.instances) {
      machine.phase = 'stopped';
      machine.shown = { ...machine.shown, stopCause: 'outbid' };
    }
    await world.clock.advance(3 * MINUTE_MS);
    expect((await ask(url)).json()).toMatchObject({
      status: 'failed',
      stop_reason: 'outbid',
      error_type: 'outbid',
      attempts: [{ outcome: 'failed', error_type: 'outbid' }],
    });
  });
});
