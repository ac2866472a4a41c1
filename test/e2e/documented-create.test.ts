import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until } from './asks.ts';
import { openStage, SOON, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(SOON);
});
afterAll(() => stage.close());

/** The first example of the document that users have, but for the two ids, which come and go. */
const DOCUMENTED = {
  consumer_id: 'my-application',
  workload_type: 'llm',
  reservation_hours: 2,
  idle_threshold_minutes: 30,
  storage_policy: 'destroy',
  disk_gb: 100,
};

interface Listed {
  readonly offers: readonly { readonly id: string; readonly disk_gb?: number }[];
}

test('the body of the users’ own document makes a session, which its agent keeps or lets end', async () => {
  const broker = await stage.startBroker({
    deploymentId: 'e2edoc01',
    tensordock: 'v2',
    crashAt: '',
  });
  const catalogue = await until(
    broker,
    () => ask<{ templates?: { hash_id: string }[] }>(broker, 'GET /templates?use_ssh=true'),
    ({ body }) => (body.templates?.length ?? 0) > 0,
  );
  const templateId = catalogue.body.templates?.[0]?.hash_id ?? '';
  const menu = await until(
    broker,
    () => ask<Listed>(broker, `GET /offers?template_hash_id=${templateId}`),
    ({ body }) => body.offers.some(({ disk_gb: diskGb = 0 }) => diskGb >= 200),
  );
  const offer = menu.body.offers.find(({ disk_gb: diskGb = 0 }) => diskGb >= 200);
  const created = await ask<{ session: { id: string }; agent_token: string }>(
    broker,
    'POST /sessions',
    { ...DOCUMENTED, offer_id: offer?.id, template_hash_id: templateId },
  );
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  expect(created.body.session).toMatchObject({ idle_threshold_minutes: 30, disk_gb: 100 });

  const { id } = created.body.session;
  const beat = () =>
    ask<{ idle_deadline: string | null }>(broker, `POST /sessions/${id}/heartbeat`, {
      agent_token: created.body.agent_token,
      busy: false,
    });
  const heard = await until(broker, beat, ({ body }) => body.idle_deadline !== null);
  const leftMs = Date.parse(heard.body.idle_deadline ?? '') - stage.now();
  expect(leftMs / 60_000).toBeGreaterThan(28);
  expect(leftMs / 60_000).toBeLessThan(31);
  expect((await ask(broker, `DELETE /sessions/${id}`)).status).toBe(200);
});
