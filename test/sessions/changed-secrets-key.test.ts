import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Keys } from '../../src/ports/keys.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { PUBLIC_KEY, request } from '../support/builders.ts';
import { UNREACHABLE } from '../support/fake-shell.ts';

const claim = { key: 'k', bodyHash: 'h' };

let world: BrokerWorld;
let keys: Keys;
beforeEach(async () => {
  keys = createKeys(Buffer.alloc(32, 1));
  world = await brokerWorld({ keys: () => keys, policy: { maxProofs: 1 } });
});
afterEach(() => world.close());

const restartWithAnotherKey = async () => {
  keys = createKeys(Buffer.alloc(32, 2));
  await world.restart();
};

describe('a session whose key was sealed with another secrets key', () => {
  test('is told of at the start, goes on, and ends when its time is up', async () => {
    const { session } = await world.create({ reservationHours: 1 });
    await world.create({ sshPublicKey: PUBLIC_KEY });
    await world.clock.advance(10 * SECOND_MS);
    await restartWithAnotherKey();
    expect(world.recorder.notes).toContainEqual({ kind: 'keys_not_opened', sessions: 1, of: 1 });
    world.shell.inspection = async () => ({ kind: 'key_accepted' });
    await world.clock.advance(HOUR_MS / 2);
    expect(world.shell.inspections.at(-1)?.login).not.toHaveProperty('privateKey');
    expect((await world.session(session.id)).status).toBe('running');
    await world.clock.advance(HOUR_MS / 2 + MINUTE_MS);
    expect(await world.session(session.id)).toMatchObject({
      status: 'stopped',
      stopReason: 'expired',
    });
    expect(world.recorder.notes).not.toContainEqual(
      expect.objectContaining({ kind: 'step_failed' }),
    );
  });

  test('is given to who asks for it again, without its key', async () => {
    const asked = { request: request(), idempotency: claim };
    const first = world.broker.sessions.create(asked);
    await world.clock.advance(SECOND_MS);
    expect(await first).toHaveProperty('privateKey');
    await restartWithAnotherKey();
    const again = await world.broker.sessions.create(asked);
    expect(again.session.id).toBe((await first).session.id);
    expect(again).not.toHaveProperty('privateKey');
  });

  test('keeps no other from being tried', async () => {
    world.shell.answer = UNREACHABLE;
    const { session } = await world.create();
    await restartWithAnotherKey();
    await world.clock.advance(10 * SECOND_MS);
    world.shell.answer = { kind: 'proven', hostKey: 'SHA256:fake-host' };
    await world.clock.advance(DEFAULT_POLICY.proofIntervalMs * 2);
    expect((await world.session(session.id)).status).toBe('running');
    const { session: next } = await world.create();
    await world.clock.advance(10 * SECOND_MS);
    expect((await world.session(next.id)).status).toBe('running');
  });
});

test('a secrets key that opens all is not told of', async () => {
  await world.create();
  await world.restart();
  expect(world.recorder.notes.map(({ kind }) => kind)).not.toContain('keys_not_opened');
});
