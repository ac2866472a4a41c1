import type { Attributes, Context, Link, Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { BrokerEvent } from '../domain/events.ts';
import type { SessionId } from '../domain/ids.ts';
import { MINUTE_MS } from '../domain/time.ts';
import type { TraceContext } from '../domain/trace-context.ts';
import type { Clock } from '../ports/clock.ts';
import type { Origin } from '../ports/origin.ts';
import type { Note } from '../ports/recorder.ts';
import type { Tracing } from '../ports/tracing.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { errorFields } from './error-fields.ts';
import { sessionOf } from './fact-origins.ts';
import type { OpenTelemetryApi } from './open-telemetry.ts';
import { beginRequestSpan } from './request-span.ts';

/** What is done for a session so long after a request asked for it is a part of the request's trace; later it has one of its own, with a link. */
const CHILD_FOR_MS = 30 * MINUTE_MS;
const MAX_SESSIONS = 20_000;

/** What a session was last asked, and when. Monotonic milliseconds. */
interface Asked {
  readonly context: TraceContext;
  readonly atMs: number;
}

/** Where a span belongs. */
interface Place {
  readonly context: Context;
  readonly links: Link[];
}

/** A span of something that is over. */
interface Past {
  readonly name: string;
  readonly attributes: Attributes;
  readonly durationMs: number;
  /** Why it failed: a kind of a closed set, and what may be shown of it. */
  readonly failure?: string | undefined;
  readonly detail?: string | undefined;
}

export interface SpanParts {
  readonly api: OpenTelemetryApi;
  readonly tracer: Tracer;
  readonly clock: Clock;
}

/** Spans out of the facts that lines and metrics are made of. A session does one thing at a time, and its calls meanwhile are a part of that. */
export function createFactSpans({ api, tracer, clock }: SpanParts): Omit<Tracing, 'close'> {
  const { ROOT_CONTEXT, SpanKind, trace } = api;
  const acts = new BoundedMap<SessionId, Span>(MAX_SESSIONS);
  const asked = new BoundedMap<SessionId, Asked>(MAX_SESSIONS);

  const within = (context: TraceContext): Context =>
    trace.setSpanContext(ROOT_CONTEXT, spanContextOf(api, context));

  const fail = (span: Span, type: string, message: string | undefined): void => {
    span.setAttribute('error.type', type);
    const code = api.SpanStatusCode.ERROR;
    span.setStatus({ code, ...(message === undefined ? {} : { message }) });
  };

  const placeOf = (fact: object, origin: Origin | undefined): Place => {
    const sessionId = sessionOf(fact) ?? '';
    const act = acts.get(sessionId);
    if (act) return { context: trace.setSpan(ROOT_CONTEXT, act), links: [] };
    if (origin?.trace) return { context: within(origin.trace), links: [] };
    const last = asked.get(sessionId);
    if (!last) return { context: ROOT_CONTEXT, links: [] };
    return clock.monotonicMs() - last.atMs < CHILD_FOR_MS
      ? { context: within(last.context), links: [] }
      : { context: ROOT_CONTEXT, links: [{ context: spanContextOf(api, last.context) }] };
  };

  const tellPast = (past: Past, { context, links }: Place): void => {
    const { name, attributes, durationMs, failure, detail } = past;
    const endTime = clock.now();
    const startTime = endTime - durationMs;
    const span = tracer.startSpan(
      name,
      { kind: SpanKind.CLIENT, attributes, links, startTime },
      context,
    );
    if (failure !== undefined) fail(span, failure, detail);
    span.end(endTime);
  };

  const beginAct = (note: Extract<Note, { readonly kind: 'act_begun' }>): void => {
    const { context, links } = placeOf(note, undefined);
    const attributes = { 'broker.session_id': note.sessionId };
    const span = tracer.startSpan(`session ${note.action}`, { attributes, links }, context);
    acts.set(note.sessionId, span);
  };

  const endAct = ({ sessionId, error }: Extract<Note, { readonly kind: 'act_ended' }>): void => {
    const span = acts.get(sessionId);
    acts.delete(sessionId);
    if (!span) return;
    if (error !== undefined) fail(span, recordError(span, error), undefined);
    span.end();
  };

  return {
    beginRequest: (method, caller) =>
      beginRequestSpan({ api, tracer }, method, caller ? within(caller) : ROOT_CONTEXT),
    event: (event) => acts.get(sessionOf(event) ?? '')?.addEvent(event.kind, wordsOf(event)),
    note: (note, origin) => {
      if (note.kind === 'session_asked') {
        const { trace: context } = note.origin;
        if (context) asked.set(note.sessionId, { context, atMs: clock.monotonicMs() });
      } else if (note.kind === 'act_begun') beginAct(note);
      else if (note.kind === 'act_ended') endAct(note);
      else {
        const past = pastOf(note);
        if (past) tellPast(past, placeOf(note, origin));
      }
    },
  };
}

/** Undefined for what takes no time. */
function pastOf(note: Note): Past | undefined {
  switch (note.kind) {
    case 'provider_call': {
      const { provider, operation, durationMs, failure, detail } = note;
      const attributes = {
        ...aboutOf(note),
        'broker.api': note.api,
        'broker.operation': operation,
        'broker.attempt': note.attempt,
        'broker.waited_ms': note.waitedMs,
        'broker.outcome': failure ?? 'ok',
      };
      return { name: `${provider} ${operation}`, attributes, durationMs, failure, detail };
    }
    case 'login_tried': {
      const attributes = {
        ...aboutOf(note),
        'broker.outcome': note.outcome,
        'broker.phase': note.phase,
      };
      return { name: 'ssh login', attributes, durationMs: note.durationMs };
    }
    case 'service_tried': {
      const attributes = { ...aboutOf(note), 'broker.outcome': note.outcome };
      return { name: 'workload probe', attributes, durationMs: note.durationMs };
    }
    default:
      return undefined;
  }
}

function aboutOf(note: { readonly provider: string; readonly sessionId?: SessionId }): Attributes {
  return { 'broker.provider': note.provider, 'broker.session_id': note.sessionId };
}

const CLOSED_WORDS = ['from', 'to', 'reason', 'code', 'failure'] as const;

/** What an event says in words of closed sets. */
function wordsOf(event: BrokerEvent): Attributes {
  const words = Object.entries(event).filter(
    ([name, value]) => CLOSED_WORDS.some((word) => word === name) && typeof value === 'string',
  );
  return Object.fromEntries(words.map(([name, value]) => [`broker.${name}`, value]));
}

/** What sort of error it was. */
function recordError(span: Span, error: unknown): string {
  const { type, message, stack } = errorFields(error);
  span.recordException({ name: type, message, ...(stack === undefined ? {} : { stack }) });
  return type;
}

function spanContextOf(api: OpenTelemetryApi, context: TraceContext): SpanContext {
  const { traceId, spanId, isSampled, state } = context;
  const traceFlags = isSampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE;
  const kept = state === undefined ? {} : { traceState: api.createTraceState(state) };
  return { traceId, spanId, traceFlags, isRemote: true, ...kept };
}
