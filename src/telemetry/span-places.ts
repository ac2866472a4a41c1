import type { Context, Link, Span, SpanContext } from '@opentelemetry/api';
import type { SessionId } from '../domain/ids.ts';
import { MINUTE_MS } from '../domain/time.ts';
import type { TraceContext } from '../domain/trace-context.ts';
import type { Clock } from '../ports/clock.ts';
import type { Origin } from '../ports/origin.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { sessionOf } from './fact-origins.ts';
import type { OpenTelemetryApi } from './open-telemetry.ts';

/** What is done for a session so long after a request asked for it is a part of the request's trace; later it has one of its own, with a link. */
const CHILD_FOR_MS = 30 * MINUTE_MS;
const MAX_SESSIONS = 20_000;

/** Where a span belongs. */
export interface Place {
  readonly context: Context;
  readonly links: Link[];
}

/** What a session was last asked, and when. Monotonic milliseconds. */
interface Asked {
  readonly context: TraceContext;
  readonly atMs: number;
}

/** What is going on for each session, and for which request: from that follows where the span of a fact belongs. */
export class SpanPlaces {
  readonly #api: OpenTelemetryApi;
  readonly #clock: Clock;
  readonly #acts = new BoundedMap<SessionId, Span>(MAX_SESSIONS);
  readonly #asked = new BoundedMap<SessionId, Asked>(MAX_SESSIONS);

  constructor(api: OpenTelemetryApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  noteAsked(id: SessionId, { trace: context }: Origin): void {
    if (context) this.#asked.set(id, { context, atMs: this.#clock.monotonicMs() });
  }

  openAct(id: SessionId, act: Span): void {
    this.#acts.set(id, act);
  }

  closeAct(id: SessionId): Span | undefined {
    const act = this.#acts.get(id);
    this.#acts.delete(id);
    return act;
  }

  /** What is being done for the session that a fact is about. */
  actOf(fact: object): Span | undefined {
    const id = sessionOf(fact);
    return id === undefined ? undefined : this.#acts.get(id);
  }

  placeOf(fact: object, origin: Origin | undefined): Place {
    const { ROOT_CONTEXT, trace } = this.#api;
    const act = this.actOf(fact);
    if (act) return { context: trace.setSpan(ROOT_CONTEXT, act), links: [] };
    if (origin?.trace) return { context: this.#within(origin.trace), links: [] };
    const last = this.#asked.get(sessionOf(fact) ?? '');
    if (!last) return { context: ROOT_CONTEXT, links: [] };
    return this.#clock.monotonicMs() - last.atMs < CHILD_FOR_MS
      ? { context: this.#within(last.context), links: [] }
      : { context: ROOT_CONTEXT, links: [{ context: spanContextOf(this.#api, last.context) }] };
  }

  /** Within the trace that the caller of a request names, if it does. */
  placeOfRequest(caller: TraceContext | undefined): Context {
    const { ROOT_CONTEXT, trace } = this.#api;
    if (!caller) return ROOT_CONTEXT;
    const parent = { ...spanContextOf(this.#api, caller), isRemote: true };
    return trace.setSpanContext(ROOT_CONTEXT, parent);
  }

  #within(context: TraceContext): Context {
    const { ROOT_CONTEXT, trace } = this.#api;
    return trace.setSpanContext(ROOT_CONTEXT, spanContextOf(this.#api, context));
  }
}

function spanContextOf(api: OpenTelemetryApi, context: TraceContext): SpanContext {
  const { traceId, spanId, isSampled, state } = context;
  const traceFlags = isSampled ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE;
  const kept = state === undefined ? {} : { traceState: api.createTraceState(state) };
  return { traceId, spanId, traceFlags, ...kept };
}
