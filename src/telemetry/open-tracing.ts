import type { Tracing } from '../ports/tracing.ts';
import { spanSettings } from './span-settings.ts';
import type { TracingParts } from './span-tracing.ts';

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
