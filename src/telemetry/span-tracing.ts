import type { Resource } from '@opentelemetry/resources';
import type { Logger } from 'pino';
import type { Clock } from '../ports/clock.ts';
import type { Tracing } from '../ports/tracing.ts';
import { createFactSpans } from './fact-spans.ts';
import { loadOpenTelemetry, type OpenTelemetry } from './open-telemetry.ts';
import type { SpanProtocol } from './span-settings.ts';
import { steadyExporter } from './steady-exporter.ts';

const SERVICE = 'gpu-broker';
/** What is left is sent for so long when the program ends; its own end does not wait for a collector. */
const CLOSE_MS = 2_000;

export interface TracingParts {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Of the program. */
  readonly version: string;
}

/** The OpenTelemetry SDK, set up by its own variables. Spans wait in a bounded queue, and those that do not fit are dropped. */
export async function createSpanTracing(
  protocol: SpanProtocol,
  { logger, clock, version }: TracingParts,
): Promise<Tracing> {
  const libraries = await loadOpenTelemetry(protocol);
  const { api, sdk, newExporter } = libraries;
  hear(libraries, logger);
  const provider = new sdk.BasicTracerProvider({
    resource: resourceOf(libraries, version),
    spanProcessors: [new sdk.BatchSpanProcessor(steadyExporter(newExporter(), logger))],
  });
  const tracer = provider.getTracer(SERVICE, version);
  return {
    ...createFactSpans({ api, tracer, clock }),
    close: async () => {
      let cancel = (): void => {};
      const isLate = new Promise<void>((resolve) => {
        cancel = clock.after(CLOSE_MS, resolve);
      });
      await Promise.race([provider.shutdown().catch(() => {}), isLate]);
      cancel();
    },
  };
}

/** What the variables say of the service goes before what it says of itself. */
function resourceOf({ resources }: OpenTelemetry, version: string): Resource {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = resources;
  const own = resourceFromAttributes({ 'service.name': SERVICE, 'service.version': version });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}

/** What the libraries have to complain of, such as a variable that they cannot read. */
function hear({ api: { DiagLogLevel, diag } }: OpenTelemetry, logger: Logger): void {
  const say = (detail: string): void => logger.warn({ detail }, 'OpenTelemetry complains');
  const quiet = (): void => {};
  diag.setLogger(
    { error: say, warn: say, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
