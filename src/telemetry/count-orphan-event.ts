import type { OrphanEvent } from '../domain/events.ts';
import type { ProviderMetrics } from './provider-metrics.ts';

/** What a fact of an unwanted instance adds to the metrics. */
export function countOrphanEvent(metrics: ProviderMetrics, { kind }: OrphanEvent): void {
  switch (kind) {
    case 'orphan_detected':
      metrics.orphansDetected.inc();
      break;
    case 'orphan_gone':
      metrics.orphansGone.inc();
      break;
    case 'orphan_terminate_asked':
    case 'orphan_cleared':
    case 'orphan_held':
    case 'orphan_ignored':
    case 'orphan_end_confirmed':
      break;
  }
}
