import type { Context, Tracer } from '@opentelemetry/api';
import type { RequestSpan } from '../ports/tracing.ts';
import type { OpenTelemetryApi } from './open-telemetry.ts';

/** What a fault of ours is answered with, or worse. */
const FIRST_FAULT = 500;

/** The names are those of the semantic conventions for HTTP. Of a path only its pattern is told: it may hold ids. */
export function beginRequestSpan(
  { api, tracer }: { readonly api: OpenTelemetryApi; readonly tracer: Tracer },
  method: string,
  parent: Context,
): RequestSpan {
  const { SpanKind, SpanStatusCode, TraceFlags } = api;
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const state = traceState?.serialize();
  const isSampled = (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
  return {
    context: { traceId, spanId, isSampled, ...(state ? { state } : {}) },
    end: (served) => {
      span.updateName(`${served.method} ${served.route}`);
      span.setAttributes({
        'http.request.method': served.method,
        'http.route': served.route,
        'http.response.status_code': served.status,
        'broker.request_id': served.requestId,
      });
      if (served.status >= FIRST_FAULT) {
        span.setAttribute('error.type', String(served.status));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}
