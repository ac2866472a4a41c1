import { Registry } from 'prom-client';
import type { Clock } from '../ports/clock.ts';
import { createFleetMetrics, type FleetSnapshot } from './fleet-metrics.ts';
import { createHttpMetrics, type RequestRecord } from './http-metrics.ts';
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts';
import { createProviderMetrics, type ProviderMetrics } from './provider-metrics.ts';
import { createSessionMetrics, type SessionMetrics } from './session-metrics.ts';

/** Every metric of the program, in a registry of its own. */
export interface Metrics {
  readonly sessions: SessionMetrics;
  readonly providers: ProviderMetrics;
  readonly process: ProcessMetrics;
  recordRequest(request: RequestRecord): void;
  /** From now on each page shows what `read` gives at that moment; a later reader replaces this one. */
  observeWith(read: () => Promise<FleetSnapshot>): void;
  /** The page in Prometheus text form, version 0.0.4. */
  renderMetrics(): Promise<string>;
}

export function createMetrics({ clock }: { readonly clock: Clock }): Metrics {
  const registry = new Registry();
  const process = createProcessMetrics(registry);
  const showFleet = createFleetMetrics(registry);
  let readFleet: (() => Promise<FleetSnapshot>) | undefined;
  return {
    sessions: createSessionMetrics(registry),
    providers: createProviderMetrics(registry, clock),
    process,
    recordRequest: createHttpMetrics(registry),
    observeWith: (read) => {
      readFleet = read;
    },
    renderMetrics: async () => {
      try {
        if (readFleet) showFleet(await readFleet());
      } catch {
        // A store in trouble is when the rest of the page is needed most: its failure is counted, not passed on.
        process.fleetReadFailures.inc();
      }
      return registry.metrics();
    },
  };
}
