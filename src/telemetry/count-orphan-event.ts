import type { OrphanEvent } from '../domain/events.ts';
import type { ProviderMetrics } from './provider-metrics.ts';

/** What a fact of an unwanted instance adds to the metrics. */
export function countOrphanEvent(metrics: ProviderMetrics, event: OrphanEvent): void {
  const { kind, provider, api } = event;
  switch (kind) {
    case 'orphan_detected':
      metrics.orphansDetected.inc();
      break;
    case 'orphan_gone':
      metrics.orphansGone.inc();
      break;
    case 'orphans_over_limit':
    case 'mass_absence':
      metrics.incidents.inc({ provider, api, kind });
      break;
    case 'orphan_terminate_asked':
      break;
  }
}
