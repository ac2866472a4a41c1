import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerWorkload, Workload } from '../../../src/domain/workload.ts';
import { offer, order, sealNetwork, TAG, unsealNetwork, vastaiWorld, wire } from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

const HASH = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const TERMS = {
  client_id: 'me',
  label: TAG,
  disk: 60,
  target_state: 'running',
  cancel_unavail: true,
};

/** The body of the launch call for this workload. */
async function bodyFor(workload: Workload, gpuCount = 1): Promise<unknown> {
  const bodies: unknown[] = [];
  wire()
    .put('/api/v0/asks/30112233/')
    .reply(200, (_, body) => {
      bodies.push(body);
      return { success: true, new_contract: 5 };
    });
  const { provider } = vastaiWorld({ image: 'ours/login:1' });
  await provider.launch(order({ workload, offer: offer({ gpuCount }) }));
  return bodies[0];
}

describe('a launch with a template', () => {
  it('names the template, and leaves image, variables and start command to it', async () => {
    const template = { hashId: HASH, onStart: 'entrypoint.sh' };
    expect(await bodyFor({ kind: 'ssh', template })).toEqual({
      ...TERMS,
      template_hash_id: HASH,
      runtype: 'ssh_direct',
    });
  });

  it("carries the template's start command when the request has one, which would push it out", async () => {
    const template = { hashId: HASH, onStart: 'entrypoint.sh' };
    const body = await bodyFor({ kind: 'ssh', template, onStart: 'pip install x' });
    expect(body).toEqual({
      ...TERMS,
      template_hash_id: HASH,
      runtype: 'ssh_direct',
      onstart: '(\nentrypoint.sh\n) &\ntouch ~/.no_auto_tmux\npip install x',
    });
  });
});

describe('a launch of a server', () => {
  const server: ServerWorkload = {
    kind: 'entrypoint',
    image: 'example/api:2',
    ports: [8000, 9000],
  };

  it("runs the image's own entrypoint with its ports mapped, and no start script that would replace it", async () => {
    expect(await bodyFor(server)).toEqual({
      ...TERMS,
      image: 'example/api:2',
      runtype: 'args',
      args: [],
      env: { '-p 8000:8000': '1', '-p 9000:9000': '1' },
    });
  });

  it('hands a model server its arguments one by one, for all GPUs of the offer', async () => {
    const model = { server: 'vllm', modelId: 'org/model', quantization: 'awq' } as const;
    const body = await bodyFor({ ...server, ports: [8000], model }, 4);
    expect(body).toMatchObject({
      args: expect.arrayContaining(['org/model', 'awq', '--tensor-parallel-size', '4']),
      env: { '-p 8000:8000': '1' },
    });
    expect(body).not.toHaveProperty('onstart');
  });
});
