import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { parseTraceparent, type TraceContext } from '../domain/trace-context.ts';
import type { Origin } from '../ports/origin.ts';
import type { RequestSpan } from '../ports/tracing.ts';

type Incoming = Pick<IncomingMessage, 'headers'>;

/** By the raw request, which is all that the maker of its log knows. Empty where nobody collects spans. */
const spans = new WeakMap<Incoming, RequestSpan>();

export function noteSpan(request: Incoming, span: RequestSpan): void {
  spans.set(request, span);
}

export function spanOf(request: Incoming): RequestSpan | undefined {
  return spans.get(request);
}

/** The trace that the request is part of: by its own span, or else as its caller named it. */
export function traceOf(request: Incoming): TraceContext | undefined {
  return spans.get(request)?.context ?? callerTrace(request);
}

export function callerTrace({ headers }: Incoming): TraceContext | undefined {
  const { traceparent, tracestate } = headers;
  return typeof traceparent === 'string'
    ? parseTraceparent(traceparent, [tracestate ?? []].flat().join(',') || undefined)
    : undefined;
}

/** What is done for this request is done for this. */
export function originOf({ id, raw }: FastifyRequest): Origin {
  const trace = traceOf(raw);
  return { requestId: id, ...(trace ? { trace } : {}) };
}
