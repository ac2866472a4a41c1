import type { IncidentEvent } from '../domain/events.ts';
import type { IncidentMetrics } from './incident-metrics.ts';

/** What the beginning or the end of an incident adds to the metrics. */
export function countIncidentEvent(metrics: IncidentMetrics, event: IncidentEvent): void {
  switch (event.kind) {
    case 'incident_raised':
      metrics.raised(event.incident.kind, event);
      break;
    case 'incident_cleared':
      break;
  }
}
