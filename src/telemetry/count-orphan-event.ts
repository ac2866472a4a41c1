import type { OrphanEvent } from '../domain/events.ts';
import type { Metrics } from './metrics.ts';

/** What a fact of an unwanted instance adds to the metrics. */
export function countOrphanEvent(
  { providers, sessions }: Pick<Metrics, 'providers' | 'sessions'>,
  { kind }: OrphanEvent,
): void {
  switch (kind) {
    case 'orphan_terminate_failed':
      sessions.destroyFailures.inc();
      break;
    case 'orphan_detected':
      providers.orphansDetected.inc();
      break;
    case 'orphan_gone':
      providers.orphansGone.inc();
      break;
    case 'orphan_terminate_asked':
    case 'orphan_cleared':
    case 'orphan_held':
    case 'orphan_ignored':
    case 'orphan_end_confirmed':
      break;
  }
}
