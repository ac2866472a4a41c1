import { Type } from '@sinclair/typebox';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import { expect, it, vi } from 'vitest';
import { errorAnswers } from '../../../src/http/schemas/error-schemas.ts';
import { fuzzedWorld, fuzzRoute } from './fuzzed-world.ts';

const RUNS = 1500;

/** What a well-kept route would declare. */
const schema = {
  summary: 'A route of the test',
  querystring: Type.Object({ text: Type.Optional(Type.String()) }),
  response: {
    200: Type.Object({ text: Type.String() }, { additionalProperties: false }),
    ...errorAnswers(),
  },
};

function textOf(query: unknown): string {
  const isRecord = typeof query === 'object' && query !== null && 'text' in query;
  return isRecord ? String(query.text) : '';
}

const REFUSAL = { error: 'no', request_id: 'made-request-id' };

const BROKEN: readonly (readonly [string, RouteHandlerMethod, string])[] = [
  [
    'throws at a null byte',
    async ({ query }) => {
      if (textOf(query).includes('\u0000')) throw new TypeError('unexpected');
      return { text: '' };
    },
    'a fault was logged',
  ],
  [
    'refuses with a status that it does not declare',
    async ({ query }, reply) => {
      if (!textOf(query).includes("'")) return { text: '' };
      return reply.code(409).send({ ...REFUSAL, error_type: 'conflict' });
    },
    'the document lists no 409',
  ],
  [
    'succeeds with a status that it does not declare',
    async ({ query }, reply) => {
      if (textOf(query).startsWith('-')) reply.code(202);
      return { text: '' };
    },
    'the document lists no 202',
  ],
  [
    'answers with a field that it does not declare',
    async ({ query }, reply) => {
      reply.type('application/json').serializer(JSON.stringify);
      return textOf(query) === '' ? { text: '' } : { text: '', key: 'PRIVATE' };
    },
    'must NOT have additional properties',
  ],
  [
    'refuses in a form of its own',
    async ({ query }, reply) => {
      if (textOf(query).length > 1000) return reply.code(400).serializer(String).send('too long');
      return { text: '' };
    },
    'text/plain is not listed',
  ],
  [
    'gives a code that does not go with its status',
    async ({ query }, reply) => {
      if (textOf(query) === '') return { text: '' };
      return reply.code(400).send({ ...REFUSAL, error_type: 'not_found' });
    },
    'is not as the document says',
  ],
  [
    'is slow each time',
    async ({ query }) => {
      const startedMs = performance.now();
      const tookMs = textOf(query).length > 3000 ? 1100 : 0;
      while (performance.now() - startedMs < tookMs) textOf(query);
      return { text: '' };
    },
    'slow each time',
  ],
];

const POLLUTING: RouteHandlerMethod = async ({ query }) => {
  if (textOf(query).includes('__proto__')) Reflect.set(Object.prototype, 'polluted', true);
  return { text: '' };
};
const KEPT: RouteHandlerMethod = async ({ query }) => ({ text: textOf(query) });

const handlers = [...BROKEN.map(([, handler]) => handler), POLLUTING, KEPT];
const fuzzed = await fuzzedWorld({
  // As a plugin, as the server's own routes are, so that they are described like them.
  extend: (app: FastifyInstance) =>
    app.register((inner, _options, done) => {
      for (const [index, handler] of handlers.entries()) {
        inner.get(pathOf(index), { schema: { ...schema, operationId: pathOf(index) } }, handler);
      }
      done();
    }),
});

function pathOf(index: number): string {
  return `/broken-${index}`;
}

async function fuzz(handler: RouteHandlerMethod): Promise<void> {
  const path = pathOf(handlers.indexOf(handler));
  const route = fuzzed.routes.find(({ pattern }) => pattern === path);
  if (!route) throw new Error('the route was not learnt from the server');
  await fuzzRoute(fuzzed, route, { numRuns: RUNS, seed: 1, endOnFailure: true });
}

vi.setConfig({ testTimeout: 120_000 });

it.each(BROKEN)('finds a route that %s', async (_what, handler, fault) => {
  const message = await fuzz(handler).then(
    () => 'nothing was found',
    (error: unknown) => String(error instanceof Error ? (error.cause ?? error) : error),
  );
  expect(message).toContain(fault);
});

it('finds a route that lets a name reach the prototype of all objects', async () => {
  try {
    await expect(fuzz(POLLUTING)).rejects.toThrow();
    expect('polluted' in {}).toBe(true);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted');
  }
});

it('finds nothing in a route that keeps its word', async () => {
  await expect(fuzz(KEPT)).resolves.toBeUndefined();
});
