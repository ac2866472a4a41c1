import { describe, expect, it } from 'vitest';
import { BrokerError, ERROR_STATUS, type ErrorCode } from '../../src/domain/errors.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import {
  errorOf,
  instance,
  LEAST_BODY,
  NOW,
  offer,
  PRIVATE_KEY,
  PUBLIC_KEY,
  problemsOf,
  SESSION_ID,
  session,
  world,
} from './http-world.ts';

function post(payload: object, headers: Record<string, string> = {}) {
  return { method: 'POST', url: '/sessions', payload, headers } as const;
}

describe('POST /sessions', () => {
  it('answers 201 with the session, its place and its private key', async () => {
    const answer = await world().inject(post(LEAST_BODY));
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['location']).toBe(`/sessions/${SESSION_ID}`);
    expect(answer.json()).toMatchObject({
      session: { id: SESSION_ID, status: 'running' },
      ssh_private_key: PRIVATE_KEY,
    });
  });

  it('fills in the defaults', async () => {
    const { inject, created } = world();
    await inject(post(LEAST_BODY));
    expect(created).toEqual([
      {
        request: {
          consumerId: 'my-application',
          choice: { kind: 'offer', offerId: 'vastai-12345' },
          workloadType: 'llm',
          reservationHours: 2,
          workload: { kind: 'ssh' },
          idleThresholdMinutes: 0,
          readiness: 'gpu',
        },
        origin: { requestId: 'made-request-id' },
      },
    ]);
  });

  it('passes on everything that was asked for', async () => {
    const { inject, created } = world();
    const answer = await inject(
      post({
        ...LEAST_BODY,
        idle_threshold_minutes: 30,
        disk_gb: 100,
        ssh_public_key: `${PUBLIC_KEY} me@home\n`,
        ssh_timeout_minutes: 5,
        max_price: 0.5,
        auto_retry: true,
        max_retries: 2,
        retry_scope: 'same_vram',
      }),
    );
    expect(answer.json()).not.toHaveProperty('ssh_private_key');
    expect(created[0]?.request).toEqual({
      consumerId: 'my-application',
      choice: { kind: 'offer-or-like', offerId: 'vastai-12345', scope: 'same_vram', maxRetries: 2 },
      workloadType: 'llm',
      // With the caller's own key the broker cannot look into the machine.
      readiness: 'login',
      workload: { kind: 'ssh' },
      reservationHours: 2,
      idleThresholdMinutes: 30,
      diskGb: 100,
      sshPublicKey: PUBLIC_KEY,
      maxPricePerHour: 500_000,
      readyTimeoutMs: 5 * MINUTE_MS,
    });
  });

  it('retries three times on the same GPU unless told otherwise', async () => {
    const { inject, created } = world();
    await inject(post({ ...LEAST_BODY, auto_retry: true }));
    expect(created[0]?.request.choice).toEqual({
      kind: 'offer-or-like',
      offerId: 'vastai-12345',
      scope: 'same_gpu',
      maxRetries: 3,
    });
  });

  it('turns requirements into a filter and a preference', async () => {
    const { inject, created } = world();
    const { offer_id: _, ...rest } = LEAST_BODY;
    await inject(
      post({
        ...rest,
        requirements: { gpu_type: 'A100', min_cuda: 12.9, max_price: 2, prefer: 'vram' },
      }),
    );
    await inject(post({ ...rest, requirements: { min_cuda: '12.10', provider: 'tensordock' } }));
    expect(created.map(({ request }) => request.choice)).toEqual([
      {
        kind: 'requirements',
        filter: { gpuTypes: ['A100'], minCuda: '12.9', maxPricePerHour: 2_000_000 },
        prefer: 'vram',
      },
      {
        kind: 'requirements',
        filter: { minCuda: '12.10', provider: 'tensordock' },
        prefer: 'expected_cost',
      },
    ]);
  });

  it('accepts the values of later fields that ask for what is done anyway', async () => {
    const answer = await world().inject(
      post({
        ...LEAST_BODY,
        storage_policy: 'destroy',
        launch_mode: 'ssh',
        pricing: 'on_demand',
        exposed_ports: [],
        auto_retry: false,
        max_retries: 3,
      }),
    );
    expect(answer.statusCode).toBe(201);
  });

  it.each([
    [{ consumer_id: '' }, 'consumer_id: must be 1 to 128 of A-Z a-z 0-9 . _ : @ / -'],
    [{ consumer_id: 'two words' }, 'consumer_id: must be 1 to 128 of A-Z a-z 0-9 . _ : @ / -'],
    [{ consumer_id: 'x'.repeat(129) }, 'consumer_id: must be 1 to 128 of A-Z a-z 0-9 . _ : @ / -'],
    [{ consumer_id: undefined }, 'consumer_id: is required'],
    [{ consumer_id: 7 }, 'consumer_id: must be a text'],
    [{ offer_id: undefined }, 'offer_id: is required, or requirements instead'],
    [{ offer_id: '' }, 'offer_id: must be an id as in GET /offers'],
    [{ requirements: {} }, 'offer_id: cannot be given together with requirements'],
    [{ workload_type: undefined }, 'workload_type: is required'],
    [
      { workload_type: 'mining' },
      expect.stringContaining('workload_type: must be one of llm, training'),
    ],
    [{ reservation_hours: undefined }, 'reservation_hours: is required'],
    [{ reservation_hours: 0 }, 'reservation_hours: must be at least 1'],
    [{ reservation_hours: 13 }, 'reservation_hours: must be at most 12'],
    [{ reservation_hours: 1.5 }, 'reservation_hours: must be a whole number'],
    [{ reservation_hours: '2' }, 'reservation_hours: must be a whole number'],
    [{ reservation_hours: null }, 'reservation_hours: is required'],
    [{ offer_id: null }, 'offer_id: is required, or requirements instead'],
    [{ max_prce: null }, 'max_prce: is not known; did you mean max_price?'],
    [
      JSON.parse('{"__proto__":null}'),
      '__proto__: is not known; see docs/http-api.md, or /docs, for those that are',
    ],
    [{ idle_threshold_minutes: -1 }, 'idle_threshold_minutes: must be at least 0'],
    [{ idle_threshold_minutes: 721 }, 'idle_threshold_minutes: must be at most 720'],
    [{ disk_gb: 7 }, 'disk_gb: must be at least 8'],
    [{ disk_gb: 10_001 }, 'disk_gb: must be at most 10000'],
    [{ max_price: 0 }, 'max_price: must be greater than 0'],
    [{ ssh_timeout_minutes: 0 }, 'ssh_timeout_minutes: must be at least 1'],
    [{ ssh_timeout_minutes: 61 }, 'ssh_timeout_minutes: must be at most 60'],
    [{ auto_retry: 'yes' }, 'auto_retry: must be true or false'],
    [{ max_retries: 2 }, 'max_retries: needs auto_retry'],
    [{ retry_scope: 'any' }, 'retry_scope: needs auto_retry'],
    [{ auto_retry: true, max_retries: 6 }, 'max_retries: must be at most 5'],
    [{ auto_retry: true, max_retries: -1 }, 'max_retries: must be at least 0'],
    [
      { auto_retry: true, retry_scope: 'all' },
      'retry_scope: must be one of same_gpu, same_vram, any',
    ],
    [{ max_prce: 1 }, 'max_prce: is not known; did you mean max_price?'],
    [{ storage_policy: 'keep' }, expect.stringContaining('storage_policy: must be one of')],
  ])('refuses %j', async (change, problem) => {
    const { inject, created } = world();
    const answer = await inject(post({ ...LEAST_BODY, ...change }));
    expect(answer.statusCode).toBe(400);
    expect(errorOf(answer).error_type).toBe('validation_error');
    expect(problemsOf(answer)).toContainEqual(problem);
    expect(created).toEqual([]);
  });

  it.each([
    [{ pricing: 'interruptible' }, 'bid_price: is required with pricing interruptible'],
    [{ bid_price: 0.2 }, 'bid_price: needs pricing interruptible'],
    [{ bid_price: 0.2, pricing: 'on_demand' }, 'bid_price: needs pricing interruptible'],
    [{ bid_price: 0.0001, pricing: 'interruptible' }, 'bid_price: must be at least 0.001'],
  ])('wants a bid and the word for it together: %j', async (change, problem) => {
    expect(problemsOf(await world().inject(post({ ...LEAST_BODY, ...change })))).toEqual([problem]);
  });

  it('takes a kept disk and a bid as what they are', async () => {
    const { inject, created } = world();
    const terms = { storage_policy: 'preserve', pricing: 'interruptible', bid_price: 0.31 };
    expect((await inject(post({ ...LEAST_BODY, ...terms }))).statusCode).toBe(201);
    expect(created[0]?.request).toMatchObject({ keepsDisk: true, bidPerHour: 310_000 });
  });

  it.each([
    [{ exposed_ports: [0] }, 'exposed_ports.0: must be at least 1'],
    [{ exposed_ports: [80, 80] }, 'exposed_ports: must not name the same entry twice'],
    [
      { exposed_ports: Array.from({ length: 17 }, (_, n) => n + 1) },
      'exposed_ports: must have at most 16 entries',
    ],
    [{ on_start_cmd: 'x'.repeat(3501) }, 'on_start_cmd: must be at most 3500 characters long'],
    [{ bid_price: 0 }, 'bid_price: must be at least 0.001'],
  ])('validates a field by itself: %#', async (change, problem) => {
    expect(problemsOf(await world().inject(post({ ...LEAST_BODY, ...change })))).toContain(problem);
  });

  it.each([
    [{ max_prce: 1 }, 'requirements.max_prce: is not known; did you mean requirements.max_price?'],
    [
      { limit: 5 },
      expect.stringMatching(/^requirements.limit: is not known; known are requirements.provider, /),
    ],
    [
      { prefer: 'luck' },
      'requirements.prefer: must be one of expected_cost, price, reliability, vram',
    ],
    [
      { location: 'Germany,France' },
      'requirements.location: must name several countries by their codes, such as US,DE',
    ],
    [{ provider: 'elsewhere' }, 'requirements.provider: must be one of vastai, tensordock'],
    [{ min_vram: '24' }, 'requirements.min_vram: must be a number'],
    [{ gpu_type: 'A100,' }, 'requirements.gpu_type: must name a GPU type on each side of a comma'],
    [{ template_hash_id: '' }, 'requirements.template_hash_id: must not be empty'],
    [{ min_cuda: 1e-7 }, 'requirements.min_cuda: must be a version such as 12.9'],
    [{ min_cuda: true }, 'requirements.min_cuda: must be a text or a number'],
  ])('refuses requirements %j', async (requirements, problem) => {
    const { offer_id: _, ...rest } = LEAST_BODY;
    const answer = await world().inject(post({ ...rest, requirements }));
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([problem]);
  });

  it('keeps retry fields to sessions with an offer', async () => {
    const { offer_id: _, ...rest } = LEAST_BODY;
    const answer = await world().inject(post({ ...rest, requirements: {}, auto_retry: true }));
    expect(problemsOf(answer)).toEqual(['auto_retry: goes with offer_id only']);
  });

  it('tells the problems of schema, rules and headers at once', async () => {
    const answer = await world().inject(
      post(
        {
          consumer_id: 'a b',
          reservation_hours: 99,
          ssh_public_key: 'nonsense',
          pricing: 'interruptible',
        },
        { 'idempotency-key': 'with space' },
      ),
    );
    expect(problemsOf(answer).map((problem) => problem.split(':')[0])).toEqual([
      'Idempotency-Key',
      'bid_price',
      'consumer_id',
      'offer_id',
      'reservation_hours',
      'ssh_public_key',
      'workload_type',
    ]);
  });

  it('does not let a session outlast a lower hard limit', async () => {
    const { inject } = world({ hardLimitMs: 4 * HOUR_MS });
    expect(problemsOf(await inject(post({ ...LEAST_BODY, reservation_hours: 5 })))).toEqual([
      'reservation_hours: must be at most 4',
    ]);
  });

  it.each([[[]], ['text'], [7], [null]])('refuses a body that is no object: %j', async (body) => {
    const answer = await world().inject({
      method: 'POST',
      url: '/sessions',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    });
    expect(problemsOf(answer)).toEqual(['body: must be an object']);
  });

  it('refuses a missing body', async () => {
    const answer = await world().inject({ method: 'POST', url: '/sessions' });
    expect(problemsOf(answer)).toEqual(['body: must be an object']);
  });
});

describe('Idempotency-Key', () => {
  const claimOf = async (body: object, options: { token?: string } = {}) => {
    const { inject, created } = world(
      options.token === undefined ? {} : { tokens: [{ name: 'alice', token: options.token }] },
    );
    const authorization =
      options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    await inject(post(body, { 'idempotency-key': 'key-1', ...authorization }));
    return created[0]?.idempotency;
  };

  it('comes with a hash that does not depend on the order of keys', async () => {
    const claim = await claimOf(LEAST_BODY);
    const turned = await claimOf(Object.fromEntries(Object.entries(LEAST_BODY).reverse()));
    expect(claim).toEqual(turned);
    expect(claim).toEqual({ key: ':key-1', bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('has another hash for another body', async () => {
    expect(await claimOf({ ...LEAST_BODY, disk_gb: 60 })).not.toEqual(await claimOf(LEAST_BODY));
  });

  it("keeps one caller's keys apart from another's", async () => {
    expect((await claimOf(LEAST_BODY, { token: 'one-token' }))?.key).toBe('alice:key-1');
  });

  it.each(['', 'a b', 'x'.repeat(256), 'caf\u00e9'])('refuses %j', async (key) => {
    const answer = await world().inject(post(LEAST_BODY, { 'idempotency-key': key }));
    expect(problemsOf(answer)).toEqual([
      'Idempotency-Key: must be 1 to 255 visible ASCII characters',
    ]);
  });
});

describe('what a session shows', () => {
  it('is every field of the contract', async () => {
    const answer = await world().inject(`/sessions/${SESSION_ID}`);
    expect(answer.json()).toEqual({
      id: SESSION_ID,
      consumer_id: 'my-application',
      provider: 'vastai',
      gpu_type: 'RTX 4090',
      gpu_count: 1,
      status: 'running',
      login: { status: 'ok' },
      ssh_host: '192.0.2.10',
      ssh_port: 2222,
      ssh_user: 'root',
      ssh_host_key: 'SHA256:fingerprint',
      launch_mode: 'ssh',
      workload_type: 'llm',
      reservation_hours: 2,
      idle_threshold_minutes: 0,
      storage_policy: 'destroy',
      price_per_hour: 0.45,
      disk_gb: 50,
      offer_id: 'vastai-12345',
      created_at: '2026-01-29T11:00:00Z',
      running_at: '2026-01-29T11:00:00Z',
      expires_at: '2026-01-29T13:00:00Z',
      cost_so_far: 0.45,
      attempts: [
        {
          offer_id: 'vastai-12345',
          provider: 'vastai',
          outcome: 'running',
          started_at: '2026-01-29T11:00:00Z',
          cost: 0.45,
          price_per_hour: 0.45,
        },
      ],
    });
  });

  it('is what was asked for, before there is an instance', async () => {
    const { runningAt: _, ...rest } = session({ status: 'pending', instances: [] });
    const answer = await world({ stored: rest }).inject(`/sessions/${SESSION_ID}`);
    expect(answer.json()).toMatchObject({ offer_id: 'vastai-12345', disk_gb: 50, cost_so_far: 0 });
    for (const unknown of ['provider', 'gpu_type', 'price_per_hour', 'ssh_host', 'running_at']) {
      expect(answer.json()).not.toHaveProperty(unknown);
    }
  });

  it('counts failed attempts and strays into the cost, and the current instance into the rest', async () => {
    const cost = {
      part: 'gpu',
      rateMicroUsdPerHour: 100_000,
      startedAt: NOW - HOUR_MS,
      endedAt: NOW,
    } as const;
    const failed = instance({
      state: 'gone',
      goneAt: NOW - MINUTE_MS,
      failure: { code: 'never_ready', message: 'no login' },
      costs: [cost],
    });
    const stray = instance({ role: 'stray', state: 'gone', costs: [cost] });
    const {
      address: _,
      runningAt: __,
      ...second
    } = instance({
      attempt: 2,
      offer: offer({ id: 'tensordock-x', provider: 'tensordock', gpuType: 'H100' }),
      provider: 'tensordock',
      diskGb: 100,
      costs: [],
    });
    const stored = session({ status: 'provisioning', instances: [failed, second, stray] });
    const answer = await world({ stored }).inject(`/sessions/${SESSION_ID}`);
    expect(answer.json()).toMatchObject({
      provider: 'tensordock',
      gpu_type: 'H100',
      disk_gb: 100,
      cost_so_far: 0.2,
      attempts: [
        {
          outcome: 'failed',
          error_type: 'never_ready',
          ended_at: '2026-01-29T11:59:00Z',
          cost: 0.2,
        },
        { outcome: 'provisioning', offer_id: 'tensordock-x', cost: 0 },
      ],
    });
    expect(answer.json()).not.toHaveProperty('ssh_host');
  });

  it('tells in the codes of the API why it failed, where they have one', async () => {
    const failure = { code: 'insufficient_funds', message: 'a sentence' } as const;
    const stored = session({
      status: 'failed',
      stopReason: 'launch_failed',
      error: failure,
      instances: [instance({ state: 'refused', failure })],
    });
    const answer = await world({ stored }).inject(`/sessions/${SESSION_ID}`);
    expect(answer.json()).toMatchObject({
      error: 'a sentence',
      error_type: 'provider_error',
      attempts: [{ outcome: 'refused', error_type: 'provider_error' }],
    });
  });

  it('tells why and when it ended, and no address that may be another customer’s now', async () => {
    const stored = session({
      status: 'failed',
      stopReason: 'instance_lost',
      stoppedAt: NOW,
      error: { code: 'instance_lost', message: 'the provider no longer has the instance' },
      instances: [instance({ state: 'gone', goneAt: NOW })],
    });
    const answer = await world({ stored }).inject(`/sessions/${SESSION_ID}`);
    expect(answer.json()).toMatchObject({
      status: 'failed',
      error: 'the provider no longer has the instance',
      error_type: 'instance_lost',
      stop_reason: 'instance_lost',
      stopped_at: '2026-01-29T12:00:00Z',
      attempts: [{ outcome: 'ended' }],
    });
    expect(answer.json()).not.toHaveProperty('ssh_host');
    expect(answer.json()).not.toHaveProperty('ssh_host_key');
  });

  it.each([
    ['intended', 'launching'],
    ['launching', 'launching'],
    ['unsettled', 'launching'],
    ['terminating', 'terminating'],
    ['refused', 'refused'],
    ['absent', 'absent'],
  ] as const)('calls an attempt that is %s %s', async (state, outcome) => {
    const stored = session({ instances: [instance({ state })] });
    const answer = await world({ stored }).inject(`/sessions/${SESSION_ID}`);
    expect(answer.json()).toMatchObject({ attempts: [{ outcome }] });
  });

  it.each([
    { method: 'GET', url: `/sessions/${SESSION_ID}` },
    { method: 'GET', url: '/sessions' },
    { method: 'POST', url: '/sessions', payload: { ...LEAST_BODY, ssh_public_key: PUBLIC_KEY } },
  ] as const)('is free of secrets: $method $url', async (request) => {
    const { body } = await world().inject(request);
    for (const secret of ['SEALED', 'PUBLIC-PART', 'PRIVATE', 'adapter', 'instance-777', 'gpub-']) {
      expect(body).not.toContain(secret);
    }
  });
});

describe('GET /sessions', () => {
  it('gives a page and the number of all that match', async () => {
    const { inject, pageQueries } = world();
    const answer = await inject(
      '/sessions?consumer_id=me&status=running&provider=vastai&limit=1&offset=2',
    );
    expect(answer.json()).toMatchObject({ sessions: [{ id: SESSION_ID }], count: 1, total: 7 });
    expect(pageQueries).toEqual([
      { consumerId: 'me', status: 'running', provider: 'vastai', limit: 1, offset: 2 },
    ]);
  });

  it('defaults to the newest hundred of all', async () => {
    const { inject, pageQueries } = world();
    await inject('/sessions');
    expect(pageQueries).toEqual([{ limit: 100, offset: 0 }]);
  });

  it.each([
    ['status=asleep', expect.stringContaining('status: must be one of pending, ')],
    ['provider=elsewhere', 'provider: must be one of vastai, tensordock'],
    ['consumer_id=', 'consumer_id: must be 1 to 128 of A-Z a-z 0-9 . _ : @ / -'],
    ['limit=1001', 'limit: must be at most 1000'],
    ['offset=-1', 'offset: must be at least 0'],
    ['consumer=me', expect.stringMatching(/^consumer: is not known; did you mean consumer_id\?$/)],
  ])('refuses %s', async (query, problem) => {
    const answer = await world().inject(`/sessions?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([problem]);
  });
});

describe('ending and extending', () => {
  it('takes "done" at once', async () => {
    const answer = await world().inject({ method: 'POST', url: `/sessions/${SESSION_ID}/done` });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      message: 'session shutdown initiated',
      session_id: SESSION_ID,
    });
  });

  it.each([undefined, '', '{}'])(
    'takes "done" with the JSON media type and body %j',
    async (payload) => {
      const answer = await world().inject({
        method: 'POST',
        url: `/sessions/${SESSION_ID}/done`,
        headers: { 'content-type': 'application/json' },
        ...(payload === undefined ? {} : { payload }),
      });
      expect(answer.statusCode).toBe(200);
    },
  );

  it('refuses a field in the body of "done"', async () => {
    const answer = await world().inject({
      method: 'POST',
      url: `/sessions/${SESSION_ID}/done`,
      payload: { force: true },
    });
    expect(problemsOf(answer)).toEqual(['force: is not known; nothing is taken here']);
  });

  it.each([
    ['destroyed', 200, 'session destroyed'],
    ['initiated', 202, 'session shutdown initiated'],
  ] as const)('answers a %s session with %i', async (outcome, status, message) => {
    const { inject } = world({ sessionAnswers: { destroy: async () => outcome } });
    const answer = await inject({ method: 'DELETE', url: `/sessions/${SESSION_ID}` });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ message, session_id: SESSION_ID });
  });

  it('tells the new end', async () => {
    const answer = await world().inject({
      method: 'POST',
      url: `/sessions/${SESSION_ID}/extend`,
      payload: { additional_hours: 4 },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      message: 'session extended',
      session_id: SESSION_ID,
      new_expires_at: '2026-01-29T16:00:00Z',
    });
  });

  it.each([
    [{}, 'additional_hours: is required'],
    [{ additional_hours: 0 }, 'additional_hours: must be at least 1'],
    [{ additional_hours: 13 }, 'additional_hours: must be at most 12'],
    [{ hours: 2, additional_hours: 2 }, expect.stringContaining('hours: is not known')],
  ])('refuses to extend by %j', async (payload, problem) => {
    const answer = await world().inject({
      method: 'POST',
      url: `/sessions/${SESSION_ID}/extend`,
      payload,
    });
    expect(problemsOf(answer)).toEqual([problem]);
  });

  it.each([
    { method: 'GET', url: '/sessions/sess-0000000000000000' },
    { method: 'GET', url: '/sessions/anything' },
    { method: 'POST', url: '/sessions/sess-0000000000000000/done' },
    { method: 'DELETE', url: '/sessions/anything' },
    { method: 'POST', url: '/sessions/anything/extend', payload: { additional_hours: 1 } },
  ] as const)('is 404 for an unknown session: $method $url', async (request) => {
    const answer = await world().inject(request);
    expect(answer.statusCode).toBe(404);
    expect(errorOf(answer).error_type).toBe('not_found');
  });
});

describe('refusals by the services', () => {
  const codes = Object.keys(ERROR_STATUS) as ErrorCode[];

  it.each(codes)('%s has its status, its code and its sentence', async (code) => {
    const refusal = new BrokerError(code, 'a sentence');
    const sessionAnswers = { create: () => Promise.reject(refusal) };
    const { injectUnchecked } = world({ sessionAnswers });
    const answer = await injectUnchecked(post(LEAST_BODY));
    expect(answer.statusCode).toBe(ERROR_STATUS[code]);
    expect(answer.json()).toEqual({
      error: 'a sentence',
      error_type: code,
      request_id: 'made-request-id',
    });
  });

  it('explains why no offer fits', async () => {
    const details = {
      total_offers: 40,
      most_restrictive: { filter: 'max_price', removed: 39 },
      nearest_miss: { offer_id: 'vastai-1', missing: ['max_price'], price_per_hour: 0.6 },
    };
    const refusal = new BrokerError('no_matching_offer', 'no offer fits the requirements', details);
    const { inject } = world({ sessionAnswers: { create: () => Promise.reject(refusal) } });
    expect((await inject(post(LEAST_BODY))).json()).toMatchObject(details);
  });

  it('passes on the details that the contract lists, and no others', async () => {
    const details = {
      offer_id: 'vastai-12345',
      provider: 'vastai',
      retry_suggested: true,
      message: 'The selected offer is no longer available.',
      api_key: 'SECRET',
      error: 'another sentence',
    };
    const refusal = new BrokerError(
      'stale_inventory',
      'offer unavailable due to stale inventory',
      details,
    );
    const { inject } = world({ sessionAnswers: { create: () => Promise.reject(refusal) } });
    const answer = await inject(post(LEAST_BODY));
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({
      error: 'offer unavailable due to stale inventory',
      error_type: 'stale_inventory',
      request_id: 'made-request-id',
      offer_id: 'vastai-12345',
      provider: 'vastai',
      retry_suggested: true,
      message: 'The selected offer is no longer available.',
    });
  });
});
