import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import type { BrokerEvent } from '../domain/events.ts';
import type { Clock } from '../ports/clock.ts';
import type { Note } from '../ports/recorder.ts';
import type { Tracing } from '../ports/tracing.ts';
import { errorFields } from './error-fields.ts';
import type { OpenTelemetryApi } from './open-telemetry.ts';
import { type Past, pastOf } from './past-spans.ts';
import { beginRequestSpan } from './request-span.ts';
import { withoutSecrets } from './secret-text.ts';
import { type Place, SpanPlaces } from './span-places.ts';

export interface SpanParts {
  readonly api: OpenTelemetryApi;
  readonly tracer: Tracer;
  readonly clock: Clock;
}

interface Telling extends SpanParts {
  readonly places: SpanPlaces;
}

/** Spans out of the facts that lines and metrics are made of. A session does one thing at a time, and its calls meanwhile are a part of that. */
export function createFactSpans(parts: SpanParts): Omit<Tracing, 'close'> {
  const places = new SpanPlaces(parts.api, parts.clock);
  const telling = { ...parts, places };
  return {
    beginRequest: (method, caller) =>
      beginRequestSpan(parts, method, places.placeOfRequest(caller)),
    event: (event) => places.actOf(event)?.addEvent(event.kind, wordsOf(event)),
    note: (note, origin) => {
      switch (note.kind) {
        case 'session_asked':
          return places.noteAsked(note.sessionId, note.origin);
        case 'act_begun':
          return beginAct(telling, note);
        case 'act_ended':
          return endAct(telling, note);
        default: {
          const past = pastOf(note);
          if (past) tellPast(parts, past, places.placeOf(note, origin));
        }
      }
    },
  };
}

function beginAct(
  { tracer, places }: Telling,
  note: Extract<Note, { readonly kind: 'act_begun' }>,
): void {
  const { sessionId, action } = note;
  const { context, links } = places.placeOf(note, undefined);
  const attributes = { 'broker.session_id': sessionId };
  const act = tracer.startSpan(`session ${action}`, { attributes, links }, context);
  places.openAct(sessionId, act);
}

function endAct(
  { api, places }: Telling,
  { sessionId, error }: Extract<Note, { readonly kind: 'act_ended' }>,
): void {
  const act = places.closeAct(sessionId);
  if (act && error !== undefined) fail(api, act, { type: recordError(act, error) });
  act?.end();
}

function tellPast({ api, tracer, clock }: SpanParts, past: Past, { context, links }: Place): void {
  const { name, attributes, durationMs, failure, detail } = past;
  const endTime = clock.now();
  const startTime = endTime - durationMs;
  const kind = api.SpanKind.CLIENT;
  const span = tracer.startSpan(name, { kind, attributes, links, startTime }, context);
  if (failure !== undefined) fail(api, span, { type: failure, message: detail });
  span.end(endTime);
}

function fail(
  { SpanStatusCode }: OpenTelemetryApi,
  span: Span,
  { type, message }: { readonly type: string; readonly message?: string | undefined },
): void {
  span.setAttribute('error.type', type);
  // The log cuts these out of every line by itself.
  const why = message === undefined ? {} : { message: withoutSecrets(message) };
  span.setStatus({ code: SpanStatusCode.ERROR, ...why });
}

/** What sort of error it was. */
function recordError(span: Span, error: unknown): string {
  const { type, message, stack } = errorFields(error);
  span.recordException({ name: type, message, ...(stack === undefined ? {} : { stack }) });
  return type;
}

const CLOSED_WORDS = ['from', 'to', 'reason', 'code', 'failure'] as const;

/** What an event says in words of closed sets. */
function wordsOf(event: BrokerEvent): Attributes {
  const words = Object.entries(event).filter(
    ([name, value]) => CLOSED_WORDS.some((word) => word === name) && typeof value === 'string',
  );
  return Object.fromEntries(words.map(([name, value]) => [`broker.${name}`, value]));
}
