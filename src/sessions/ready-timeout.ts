import type { SessionRequest } from '../domain/session.ts';
import type { Provider } from '../ports/provider.ts';

/** How long an attempt may take to become usable: what the consumer has set, else what such a workload takes there. Milliseconds. */
export function readyTimeoutMs(
  { readyTimeoutMs, workload }: Pick<SessionRequest, 'readyTimeoutMs' | 'workload'>,
  provider: Pick<Provider, 'readyTimeoutMs' | 'serverReadyTimeoutMs'>,
): number {
  if (readyTimeoutMs !== undefined) return readyTimeoutMs;
  return workload.kind === 'entrypoint' ? provider.serverReadyTimeoutMs : provider.readyTimeoutMs;
}
