import type * as Api from '@opentelemetry/api';
import type { SpanProtocol } from './span-settings.ts';

export type OpenTelemetryApi = typeof Api;
export type OpenTelemetry = Awaited<ReturnType<typeof loadOpenTelemetry>>;

/**
 * The libraries, read from disk by this call and by nothing before it. Everything of theirs that is not a type is reached
 * through what it returns: an import at the head of a file would be done at every start, also where the program is one file.
 */
export async function loadOpenTelemetry(protocol: SpanProtocol) {
  const [api, sdk, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    protocol === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  return { api, sdk, resources, newExporter: () => new OTLPTraceExporter() };
}
