import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_BODY, ORPHAN_ID, SESSION_ID, world } from './http-world.ts';

const RUNS = 300;
const { inject } = world();

/** Values that have broken parsers before, next to ordinary ones. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '-0',
    '1e999',
    '__proto__',
    'constructor',
    '\u0000',
    "' OR 1=1 --",
    '../..',
    '%00',
  ),
  fc.double().map(String),
  fc.integer().map(String),
);
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  nasty,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

function expectAnswer(answer: { readonly statusCode: number; readonly body: string }): void {
  expect(answer.statusCode, answer.body).toBeLessThan(500);
  if (answer.statusCode >= 400) {
    expect(JSON.parse(answer.body)).toMatchObject({
      error: expect.any(String),
      error_type: expect.any(String),
      request_id: expect.any(String),
    });
  }
}

function query(parameters: readonly (readonly [string, string])[]): string {
  return parameters
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

describe.each([
  [
    '/offers',
    [
      'provider',
      'gpu_type',
      'location',
      'min_vram',
      'max_price',
      'min_cuda',
      'sort',
      'limit',
      'offset',
    ],
  ],
  ['/sessions', ['consumer_id', 'status', 'provider', 'limit', 'offset']],
  ['/orphans', ['state', 'provider', 'limit', 'offset']],
  ['/costs', ['session_id', 'consumer_id', 'start_date', 'end_date', 'period']],
  ['/costs/summary', ['consumer_id']],
])('GET %s', (path, names) => {
  it('never fails on a query', async () => {
    const parameter = fc.tuple(fc.oneof(fc.constantFrom(...names), nasty), nasty);
    await fc.assert(
      fc.asyncProperty(fc.array(parameter, { maxLength: 4 }), async (parameters) => {
        expectAnswer(await inject(`${path}?${query(parameters)}`));
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each([
  ['GET', '/offers/', ''],
  ['GET', '/sessions/', ''],
  ['DELETE', '/sessions/', ''],
  ['POST', '/sessions/', '/done'],
  ['POST', '/sessions/', '/extend'],
  ['GET', '/orphans/', ''],
  ['POST', '/orphans/', '/terminate'],
  ['POST', '/orphans/', '/ignore'],
] as const)('%s %s:id%s', (method, before, after) => {
  it('never fails on an id', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, fc.boolean(), async (id, isEncoded) => {
        const raw = id.replace(/[^!-~]/g, '%').replace(/[#?]/g, '');
        const url = `${before}${isEncoded ? encodeURIComponent(id) : raw}${after}`;
        expectAnswer(await inject({ method, url }));
      }),
      { numRuns: RUNS },
    );
  });
});

describe.each([
  ['/sessions', LEAST_BODY],
  [`/sessions/${SESSION_ID}/extend`, { additional_hours: 1 }],
  [`/sessions/${SESSION_ID}/done`, {}],
  [`/orphans/${ORPHAN_ID}/terminate`, {}],
])('POST %s', (url, least) => {
  const fields = [
    ...Object.keys(least),
    ...[
      'requirements',
      'ssh_public_key',
      'max_price',
      'disk_gb',
      'exposed_ports',
      'on_start_cmd',
      'auto_retry',
    ],
  ];

  it('never fails on a body', async () => {
    const change = fc.dictionary(fc.oneof(fc.constantFrom(...fields), nasty), anything, {
      maxKeys: 4,
    });
    await fc.assert(
      fc.asyncProperty(change, async (changed) => {
        expectAnswer(await inject({ method: 'POST', url, payload: { ...least, ...changed } }));
      }),
      { numRuns: RUNS },
    );
  });

  it('never fails on bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const headers = { 'content-type': 'application/json' };
        expectAnswer(await inject({ method: 'POST', url, headers, payload: Buffer.from(bytes) }));
      }),
      { numRuns: RUNS },
    );
  });
});

it('never fails on headers', async () => {
  const value = nasty.map((text) => text.replace(/[^ -~]/g, '?'));
  const names = [
    'x-request-id',
    'idempotency-key',
    'if-none-match',
    'origin',
    'host',
    'authorization',
    'accept',
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), value, async (name, text) => {
      const headers = { [name]: text };
      expectAnswer(await inject({ url: '/offers', headers }));
      expectAnswer(
        await inject({ method: 'POST', url: '/sessions', payload: LEAST_BODY, headers }),
      );
    }),
    { numRuns: RUNS },
  );
});
