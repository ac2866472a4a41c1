import * as api from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { beforeEach, expect, test } from 'vitest';
import type { Origin } from '../../src/ports/origin.ts';
import type { Tracing } from '../../src/ports/tracing.ts';
import { createFactSpans } from '../../src/telemetry/fact-spans.ts';
import { sessionId } from '../support/builders.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { EVENTS, NOTES } from './facts.ts';

const CALLER = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isSampled: true,
  state: 'vendor=1',
};
const MINUTE_MS = 60_000;

let exporter: InMemorySpanExporter;
let clock: ManualClock;
let spans: Omit<Tracing, 'close'>;
beforeEach(() => {
  exporter = new InMemorySpanExporter();
  clock = manualClock();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  spans = createFactSpans({ api, tracer: provider.getTracer('test'), clock });
});

function sent(name: string): ReadableSpan {
  const span = exporter.getFinishedSpans().find((one) => one.name === name);
  if (!span) throw new Error(`no span is called ${name}`);
  return span;
}

/** A request of this caller, or of one that names no trace, that asks something of the session. */
function ask(caller: typeof CALLER | undefined): Origin {
  const request = spans.beginRequest('POST', caller);
  const origin = { requestId: 'req-1', trace: request.context };
  spans.note({ kind: 'session_asked', sessionId: sessionId(), origin });
  request.end({ requestId: 'req-1', method: 'POST', route: '/sessions', status: 201 });
  return origin;
}

const call = { ...NOTES.provider_call, sessionId: sessionId(), attempt: 2 };

test('a request continues the trace that its caller names, state and all', () => {
  ask(CALLER);
  const span = sent('POST /sessions');
  expect(span.parentSpanContext).toMatchObject({ spanId: CALLER.spanId, isRemote: true });
  expect(span.spanContext().traceId).toBe(CALLER.traceId);
  expect(span.spanContext().traceState?.serialize()).toBe('vendor=1');
  expect(span.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/sessions',
    'http.response.status_code': 201,
    'broker.request_id': 'req-1',
  });
});

test('a trace that its caller does not sample is not sent, and stays known', () => {
  const { trace } = ask({ ...CALLER, isSampled: false });
  expect(trace).toMatchObject({ traceId: CALLER.traceId, isSampled: false });
  expect(exporter.getFinishedSpans()).toEqual([]);
});

test.each([
  [503, api.SpanStatusCode.ERROR],
  [404, api.SpanStatusCode.UNSET],
])('an answer with %d has the status %d', (status, code) => {
  spans
    .beginRequest('GET', undefined)
    .end({ requestId: 'r', method: 'GET', route: '/offers', status });
  expect(sent('GET /offers').status.code).toBe(code);
});

test('an act is a part of the request, and calls and logins meanwhile are parts of the act', () => {
  const { trace } = ask(undefined);
  spans.note(NOTES.act_begun);
  spans.note(call);
  spans.event(EVENTS.launch_refused);
  spans.note(NOTES.act_ended);
  spans.note(NOTES.login_tried);
  const act = sent('session launch');
  expect(act.parentSpanContext?.spanId).toBe(trace?.spanId);
  expect(act.events).toMatchObject([
    { name: 'launch_refused', attributes: { 'broker.failure': 'no_capacity' } },
  ]);
  expect(sent('alpha launch').parentSpanContext?.spanId).toBe(act.spanContext().spanId);
  expect(sent('ssh login').parentSpanContext?.spanId).toBe(trace?.spanId);
});

test('a call tells who was asked for what, for whom, and how long it took', () => {
  spans.note({ ...call, failure: 'unavailable', detail: 'HTTP 502' });
  const span = sent('alpha launch');
  expect(span.kind).toBe(api.SpanKind.CLIENT);
  expect(span.attributes).toEqual({
    'broker.provider': 'alpha',
    'broker.api': 'alpha-v1',
    'broker.operation': 'launch',
    'broker.session_id': sessionId(),
    'broker.attempt': 2,
    'broker.waited_ms': call.waitedMs,
    'broker.outcome': 'unavailable',
    'error.type': 'unavailable',
  });
  expect(span.status).toEqual({ code: api.SpanStatusCode.ERROR, message: 'HTTP 502' });
  expect(span.duration).toEqual([1, 500_000_000]);
});

test('a call that fails says why without what looks like a secret', () => {
  const echoed = 'HTTP 400: {"onstart":"AGENT=agent_0123456789abcdefghijkl", "api_key": "abc"}';
  spans.note({ ...call, failure: 'invalid', detail: echoed });
  expect(sent('alpha launch').status.message).toMatch(/^HTTP 400/);
  expect(sent('alpha launch').status.message).not.toMatch(/agent_0123|abc"/);
});

test('a call that a request waits for is a part of that request', () => {
  const request = spans.beginRequest('GET', undefined);
  spans.note(NOTES.provider_call, { requestId: 'req-1', trace: request.context });
  expect(sent('alpha launch').parentSpanContext?.spanId).toBe(request.context.spanId);
});

test('what nobody asked for has a trace of its own', () => {
  spans.note(NOTES.provider_call);
  const span = sent('alpha launch');
  expect([span.parentSpanContext, span.links]).toEqual([undefined, []]);
});

test('half an hour after the request an act has a trace of its own, with a link to it', async () => {
  const { trace } = ask(undefined);
  await clock.advance(30 * MINUTE_MS);
  spans.note(NOTES.act_begun);
  spans.note(NOTES.act_ended);
  const act = sent('session launch');
  expect(act.parentSpanContext).toBeUndefined();
  expect(act.links).toMatchObject([{ context: { traceId: trace?.traceId } }]);
});

test('an act that breaks off says with what, without what looks like a secret', () => {
  spans.note(NOTES.act_begun);
  spans.note({ ...NOTES.act_ended, error: new TypeError('token=abcdef failed') });
  const act = sent('session launch');
  expect(act.status.code).toBe(api.SpanStatusCode.ERROR);
  expect(act.attributes['error.type']).toBe('TypeError');
  expect(act.events[0]?.attributes).toMatchObject({
    'exception.message': 'token=[redacted] failed',
  });
  expect(JSON.stringify(act.events)).not.toContain('abcdef');
});

test('every fact there is can be told, and none leaves an act open', () => {
  for (const event of Object.values(EVENTS)) spans.event(event);
  for (const note of Object.values(NOTES)) spans.note(note);
  const names = exporter.getFinishedSpans().map(({ name }) => name);
  expect(names.toSorted()).toEqual([
    'alpha launch',
    'session launch',
    'ssh login',
    'workload probe',
  ]);
});
