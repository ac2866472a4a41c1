import { describe, expect, it } from 'vitest';
import { AGENT_TOKEN, LEAST_BODY, problemsOf, SESSION_ID, world } from './http-world.ts';

/** Every optional field that a typed client would write out. */
const NULLS = {
  requirements: null,
  idle_threshold_minutes: null,
  storage_policy: null,
  launch_mode: null,
  docker_image: null,
  model_id: null,
  exposed_ports: null,
  quantization: null,
  disk_gb: null,
  template_hash_id: null,
  ssh_public_key: null,
  on_start_cmd: null,
  pricing: null,
  bid_price: null,
  auto_retry: null,
  max_retries: null,
  retry_scope: null,
  ssh_timeout_minutes: null,
};

function post(payload: object, headers: Record<string, string> = {}) {
  return { method: 'POST', url: '/sessions', payload, headers } as const;
}

describe('null for a field of a body', () => {
  it('is the same request as one without the field, to the idempotency key too', async () => {
    const { inject, created } = world();
    const key = { 'idempotency-key': 'one-key' };
    expect((await inject(post({ ...LEAST_BODY, ...NULLS }, key))).statusCode).toBe(201);
    expect((await inject(post(LEAST_BODY, key))).statusCode).toBe(201);
    expect(created[0]).toEqual(created[1]);
    expect(created[0]?.idempotency).toBeDefined();
  });

  it('counts as left out inside requirements too', async () => {
    const { offer_id: _, ...rest } = LEAST_BODY;
    const { inject, created } = world();
    const requirements = { gpu_type: 'A100', location: null, prefer: null };
    const answer = await inject(post({ ...rest, offer_id: null, requirements }));
    expect(answer.statusCode).toBe(201);
    expect(created[0]?.request.choice).toEqual({
      kind: 'requirements',
      filter: { gpuTypes: ['A100'] },
      prefer: 'expected_cost',
    });
  });

  it.each([
    ['max_price', { max_price: null }],
    ['requirements.max_price', { offer_id: null, requirements: { max_price: null } }],
    ['requirements.min_vram', { offer_id: null, requirements: { min_vram: null } }],
    ['requirements.gpu_count', { offer_id: null, requirements: { gpu_count: null } }],
  ])(
    'is refused for %s, so that a bound which was not calculated is not left out',
    async (path, fields) => {
      const { inject, created } = world();
      const answer = await inject(post({ ...LEAST_BODY, ...fields }));
      expect(problemsOf(answer)).toEqual([expect.stringMatching(`^${path}: `)]);
      expect(created).toEqual([]);
    },
  );

  it('counts as left out of a heartbeat', async () => {
    const answer = await world().inject({
      method: 'POST',
      url: `/sessions/${SESSION_ID}/heartbeat`,
      payload: { agent_token: AGENT_TOKEN, busy: null, gpu_utilization: null },
    });
    expect(answer.statusCode).toBe(200);
  });

  it('is no entry of a list', async () => {
    const answer = await world().inject(
      post({ ...LEAST_BODY, launch_mode: 'entrypoint', model_id: 'a/b', exposed_ports: [null] }),
    );
    expect(problemsOf(answer)).toEqual(['exposed_ports.0: must be a whole number']);
  });
});

describe('one fault', () => {
  it.each([
    [{ storage_policy: 'keep' }, 'storage_policy: must be one of destroy, preserve'],
    [{ bid_price: 0 }, 'bid_price: must be at least 0.001'],
    [{ pricing: 7 }, 'pricing: must be a text'],
    [{ on_start_cmd: 'x'.repeat(3501) }, 'on_start_cmd: must be at most 3500 characters long'],
    [
      { on_start_cmd: '\u00e9'.repeat(3000) },
      'on_start_cmd: must be at most 3500 bytes long in UTF-8',
    ],
  ])('is told once: %#', async (change, problem) => {
    expect(problemsOf(await world().inject(post({ ...LEAST_BODY, ...change })))).toEqual([problem]);
  });
});
