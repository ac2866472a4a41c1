import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';

type Export = SpanExporter['export'];

/** `ExportResultCode.SUCCESS` of a package that nothing else is needed of. */
const DELIVERED = 0;

/**
 * Says once that spans do not arrive, and once that they do again. To whoever hands them over each batch is dealt with: it is
 * lost, and not told of a second time.
 */
export function steadyExporter(inner: SpanExporter, logger: Logger): SpanExporter {
  let isFailing = false;
  const note = (result: Parameters<Parameters<Export>[1]>[0]): void => {
    const hasFailed = result.code !== DELIVERED;
    if (hasFailed && !isFailing) {
      logger.warn({ detail: result.error?.message ?? 'no reason given' }, 'spans not delivered');
    }
    if (!hasFailed && isFailing) logger.info('spans delivered again');
    isFailing = hasFailed;
  };
  return {
    export: (spans, done) =>
      inner.export(spans, (result) => {
        note(result);
        done({ code: DELIVERED });
      }),
    forceFlush: async () => inner.forceFlush?.(),
    shutdown: () => inner.shutdown(),
  };
}
