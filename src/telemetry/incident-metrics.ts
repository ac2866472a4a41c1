import { Counter, Gauge, type Registry } from 'prom-client';
import type { ApiPlace } from '../domain/ids.ts';
import type { Incident, IncidentKind } from '../domain/incident.ts';

export interface IncidentMetrics {
  /** One more has begun. */
  raised(kind: IncidentKind, place: Partial<ApiPlace>): void;
  /** Shows those that last; one that is over goes away. */
  showActive(incidents: readonly Incident[]): void;
}

/** What is too strange to act on: how often it began, and what of it lasts. */
export function createIncidentMetrics(registry: Registry): IncidentMetrics {
  const labelNames = ['provider', 'api', 'kind'] as const;
  const registers = [registry];
  const begun = new Counter({
    name: 'gpu_incidents_total',
    help: 'Incidents that began: what is too strange to act on and is for a person to know.',
    labelNames,
    registers,
  });
  const active = new Gauge({
    name: 'gpu_incidents_active',
    help: 'Incidents that last.',
    labelNames,
    registers,
  });
  return {
    raised: (kind, place) => begun.inc(labelsOf(kind, place)),
    showActive: (incidents) => {
      active.reset();
      for (const { facts, place } of incidents) active.inc(labelsOf(facts.kind, place));
    },
  };
}

/** What concerns the broker itself has no place: its labels are empty. */
function labelsOf(kind: IncidentKind, place: Partial<ApiPlace> = {}) {
  const { provider = '', api = '' } = place;
  return { provider, api, kind };
}
