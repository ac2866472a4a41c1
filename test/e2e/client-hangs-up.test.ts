import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, type SessionShown, served, until, untilStatus, wish } from './asks.ts';
import { openStage, SOON, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(SOON);
});
afterAll(async () => {
  await stage.close();
});

it('a client that hangs up during POST /sessions has its session, and the key when it asks again', async () => {
  const broker = await stage.startBroker({ deploymentId: 'hangup', tensordock: 'v2', crashAt: '' });
  const body = JSON.stringify(await wish(broker, 'vastai'));
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'once' };
  const post = (signal?: AbortSignal): Promise<Response> =>
    fetch(`${broker.url}/sessions`, { method: 'POST', headers, body, ...(signal && { signal }) });
  // Each call to the marketplace takes so long that the launch is under way when the client goes.
  await slowDown({ low: 5_000, high: 5_000 });
  const client = new AbortController();
  const answer = post(client.signal);
  const sessions = () => ask<{ sessions: SessionShown[] }>(broker, 'GET /sessions');
  const { body: made } = await until(broker, sessions, (reply) => reply.body.sessions.length > 0);
  client.abort();
  await expect(answer).rejects.toThrow('aborted');
  expect(made.sessions).toMatchObject([{ attempts: [{ outcome: 'launching' }] }]);
  await slowDown({ low: 0, high: 50 });

  const [{ id } = { id: '' }] = made.sessions;
  await untilStatus(broker, id, ['running']);
  const again = await post();
  expect(again.status).toBe(201);
  const replay = (await again.json()) as { session: SessionShown; ssh_private_key: string };
  expect(replay.session.id).toBe(id);
  expect(replay.ssh_private_key).toContain('PRIVATE KEY');
  expect(await stage.instancesOf('hangup')).toHaveLength(1);
  expect(await served(stage, broker, [id])).toEqual([true]);
});

async function slowDown(latencyMs: { readonly low: number; readonly high: number }): Promise<void> {
  const { VASTAI_BASE_URL = '' } = stage.environment('v2');
  const body = JSON.stringify({ latencyMs });
  expect((await fetch(`${VASTAI_BASE_URL}/_sim/faults`, { method: 'POST', body })).status).toBe(
    200,
  );
}
