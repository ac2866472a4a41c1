import { expect, it } from 'vitest';
import type { TraceContext } from '../../src/domain/trace-context.ts';
import type { TracedRequest, Tracing } from '../../src/ports/tracing.ts';
import { world } from './http-world.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OWN = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

interface Seen {
  readonly callers: (TraceContext | undefined)[];
  readonly ended: TracedRequest[];
}

function fakeTracing(seen: Seen): Tracing {
  return {
    event: () => {},
    note: () => {},
    beginRequest: (_method, caller) => {
      seen.callers.push(caller);
      const context = { traceId: OWN, spanId: '00f067aa0ba902b7', isSampled: true };
      return { context, end: (served) => void seen.ended.push(served) };
    },
    close: async () => {},
  };
}

it('writes the trace of its caller on the lines of a request', async () => {
  const { inject, logLines } = world();
  await inject({ url: '/offers', headers: { traceparent: PARENT, 'x-request-id': 'mine' } });
  expect(logLines).toMatchObject([{ request_id: 'mine', trace_id: TRACE }]);
});

it.each([
  ['no trace', undefined],
  ['a trace of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['a trace in capitals', PARENT.toUpperCase()],
])('writes none where there is %s', async (_what, traceparent) => {
  const { inject, logLines } = world();
  await inject({ url: '/offers', headers: traceparent === undefined ? {} : { traceparent } });
  expect(logLines).toHaveLength(1);
  expect(logLines[0]).not.toHaveProperty('trace_id');
});

it('hands the trace on with what is asked of a session', async () => {
  const { inject, created } = world();
  const payload = {
    consumer_id: 'someone',
    offer_id: 'vastai-12345',
    workload_type: 'llm',
    reservation_hours: 2,
  };
  const headers = { traceparent: PARENT, tracestate: 'vendor=1' };
  await inject({ method: 'POST', url: '/sessions', payload, headers });
  expect(created[0]?.origin).toEqual({
    requestId: 'made-request-id',
    trace: { traceId: TRACE, spanId: 'b7ad6b7169203331', isSampled: true, state: 'vendor=1' },
  });
});

it.each([
  ['an answer that is ready', 'GET', '/offers', 200, '/offers'],
  ['a refusal', 'GET', '/offers?limit=0', 400, '/offers'],
  ['a path that is none', 'GET', '/nowhere', 404, 'unmatched'],
  ['a method that is none', 'DELETE', '/offers', 405, 'unmatched'],
  ['a session', 'GET', '/api/v1/sessions/sess-0000000000000000', 404, '/sessions/:id'],
] as const)(
  'makes one span of %s, named by its pattern',
  async (_what, method, url, status, route) => {
    const seen: Seen = { callers: [], ended: [] };
    const { injectUnchecked, logLines } = world({ tracing: fakeTracing(seen) });
    await injectUnchecked({ method, url, headers: { traceparent: PARENT } });
    expect(seen.callers).toMatchObject([{ traceId: TRACE }]);
    expect(seen.ended).toEqual([
      { requestId: 'made-request-id', method, route, status, durationMs: expect.any(Number) },
    ]);
    expect(logLines).toMatchObject([{ trace_id: OWN }]);
  },
);
