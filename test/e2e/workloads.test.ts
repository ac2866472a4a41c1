import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, until, untilStatus } from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(SOON);
});
afterAll(() => stage.close());

interface ServerShown {
  readonly id: string;
  readonly status: string;
  readonly launch_mode: string;
  readonly api_endpoint?: string;
  readonly ssh_host?: string;
}

async function serve(broker: StagedBroker, provider: string, workload: object): Promise<string> {
  await until(
    broker,
    () => ask<{ count: number }>(broker, `GET /offers?provider=${provider}&limit=1`),
    ({ body }) => body.count > 0,
  );
  const { status, body } = await ask<{ session: ServerShown }>(broker, 'POST /sessions', {
    consumer_id: 'e2e',
    requirements: { provider },
    workload_type: 'llm',
    reservation_hours: 1,
    launch_mode: 'entrypoint',
    ...workload,
  });
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.session.id;
}

async function shown(broker: StagedBroker, id: string): Promise<ServerShown> {
  return (await ask<ServerShown>(broker, `GET /sessions/${id}`)).body;
}

/** What a client of the model server gets there. */
async function models(endpoint: string): Promise<unknown> {
  const response = await fetch(`${endpoint}/v1/models`, { signal: AbortSignal.timeout(5_000) });
  return response.json();
}

test.each([
  { api: 'vastai', provider: 'vastai', tensordock: 'v2', deploymentId: 'e2eserve1' },
  { api: 'tensordock-v2', provider: 'tensordock', tensordock: 'v2', deploymentId: 'e2eserve2' },
  { api: 'tensordock-v0', provider: 'tensordock', tensordock: 'v0', deploymentId: 'e2eserve3' },
] as const)(
  'a model is served on $api as soon as its session runs, and no longer than it does',
  async ({ provider, tensordock, deploymentId }) => {
    const broker = await stage.startBroker({ deploymentId, tensordock, crashAt: '' });
    const id = await serve(broker, provider, { model_id: 'Qwen/Qwen2.5-7B-Instruct' });
    await untilStatus(broker, id, ['running']);

    const running = await shown(broker, id);
    expect(running.launch_mode).toBe('entrypoint');
    expect(running.ssh_host).toBeUndefined();
    const endpoint = running.api_endpoint ?? '';
    expect(await models(endpoint)).toMatchObject({ data: [{ id: 'Qwen/Qwen2.5-7B-Instruct' }] });

    await ask(broker, `POST /sessions/${id}/done`);
    await untilStatus(broker, id, ['stopped']);
    expect((await shown(broker, id)).api_endpoint).toBeUndefined();
    await expect(models(endpoint)).rejects.toThrow();
  },
);

test('an image of the caller’s own is reached at the first of its ports', async () => {
  const broker = await stage.startBroker({
    deploymentId: 'e2eserve4',
    tensordock: 'v2',
    crashAt: '',
  });
  const workload = { docker_image: 'team/app:1.2', exposed_ports: [8080, 9090] };
  const id = await serve(broker, 'vastai', workload);
  await untilStatus(broker, id, ['running']);
  const { api_endpoint: endpoint = '' } = await shown(broker, id);
  const response = await fetch(endpoint);
  expect(await response.json()).toEqual({ image: 'team/app:1.2' });
});
