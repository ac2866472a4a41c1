import type { Logger } from 'pino';
import type { Clock } from '../ports/clock.ts';
import type { Tracing } from '../ports/tracing.ts';
import { spanSettings } from './span-settings.ts';

export interface TracingParts {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Of the program. */
  readonly version: string;
}

/**
 * Spans, where the standard variables ask for them; else nothing is loaded. That they cannot be sent is told, and keeps
 * nothing from starting.
 */
export async function openTracing(
  env: Readonly<Record<string, string | undefined>>,
  parts: TracingParts,
): Promise<Tracing | undefined> {
  const { protocol, remarks } = spanSettings(env);
  for (const remark of remarks) parts.logger.warn(remark, 'OpenTelemetry variable not honoured');
  if (protocol === undefined) return undefined;
  try {
    const { createSpanTracing } = await import('./span-tracing.ts');
    return await createSpanTracing(protocol, parts);
  } catch (error) {
    parts.logger.error({ error }, 'spans cannot be sent');
    return undefined;
  }
}
