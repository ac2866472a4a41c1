import { afterEach, expect, test } from 'vitest';
import { SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { instance, offer, request, session, sessionId } from '../support/builders.ts';

let world: BrokerWorld;

afterEach(() => world.close());

test('sessions are read while the broker is not ready', async () => {
  world = await brokerWorld({ start: 'not yet' });
  const kept = session({ id: sessionId(77), status: 'stopped' });
  await world.store.create({ session: kept, events: [] });
  expect(await world.broker.sessions.get(kept.id)).toStrictEqual(kept);
  expect(await world.broker.sessions.get('sess-x')).toBeUndefined();
  const page = await world.broker.sessions.page({ status: 'stopped', limit: 5, offset: 0 });
  expect(page).toStrictEqual({ sessions: [kept], total: 1 });
});

test('an instance of a provider that is not configured any more is kept, and loudly so', async () => {
  world = await brokerWorld({ start: 'not yet' });
  const rented = offer({ provider: 'omega', api: 'omega' });
  const id = sessionId(77);
  const one = instance({
    sessionId: id,
    offer: rented,
    state: 'launched',
    providerInstanceId: 'x',
  });
  const kept = session({
    id,
    request: request(),
    status: 'stopping',
    stopAskedAt: 1,
    stopReason: 'done',
    instances: [one],
  });
  await world.store.create({ session: kept, events: [] });
  const starting = world.broker.start();
  await world.clock.advance(SECOND_MS);
  await starting;
  expect(await world.session(id)).toMatchObject({
    status: 'stopping',
    instances: [{ state: 'launched' }],
  });
  expect(world.recorder.notes).toContainEqual(
    expect.objectContaining({ kind: 'step_failed', sessionId: id }),
  );
});
