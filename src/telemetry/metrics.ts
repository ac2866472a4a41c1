import { Registry } from 'prom-client';
import type { Incident } from '../domain/incident.ts';
import type { Clock } from '../ports/clock.ts';
import { type AccountFigures, createAccountMetrics } from './account-metrics.ts';
import { type ChargeFigures, createChargeMetrics } from './charge-metrics.ts';
import { createDiskMetrics } from './disk-metrics.ts';
import { createFleetMetrics, type FleetSnapshot } from './fleet-metrics.ts';
import { createHttpMetrics, type RequestRecord } from './http-metrics.ts';
import { createIncidentMetrics, type IncidentMetrics } from './incident-metrics.ts';
import { createMenuMetrics, type PriceFigures } from './menu-metrics.ts';
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts';
import { createProviderMetrics, type ProviderMetrics } from './provider-metrics.ts';
import { createSessionMetrics, type SessionMetrics } from './session-metrics.ts';

/** Every metric of the program, in a registry of its own. */
export interface Metrics {
  readonly sessions: SessionMetrics;
  readonly providers: ProviderMetrics;
  readonly incidents: IncidentMetrics;
  readonly process: ProcessMetrics;
  recordRequest(request: RequestRecord): void;
  /** From now on each page shows what `source` gives at that moment; a later source replaces this one. */
  observeWith(source: Observed): void;
  /** The page in Prometheus text form, version 0.0.4. */
  renderMetrics(): Promise<string>;
}

/** What pages are read from. Incidents are apart, because they matter most when the fleet cannot be read. */
export interface Observed {
  fleet(): Promise<FleetSnapshot>;
  incidents(): readonly Incident[];
  accounts(): readonly AccountFigures[];
  reconciled(): readonly ChargeFigures[];
  prices(): readonly PriceFigures[];
  /** Where the database is kept; undefined where it is kept nowhere. */
  readonly dataFolder?: string;
}

export function createMetrics({ clock }: { readonly clock: Clock }): Metrics {
  const registry = new Registry();
  const process = createProcessMetrics(registry, clock);
  const showFleet = createFleetMetrics(registry);
  const incidents = createIncidentMetrics(registry);
  const showAccounts = createAccountMetrics(registry, clock);
  const showCharges = createChargeMetrics(registry);
  const showMenu = createMenuMetrics(registry);
  const showDisk = createDiskMetrics(registry);
  const http = createHttpMetrics();
  let observed: Observed | undefined;
  return {
    sessions: createSessionMetrics(registry),
    providers: createProviderMetrics(registry, clock),
    incidents,
    process,
    recordRequest: http.record,
    observeWith: (source) => {
      observed = source;
    },
    renderMetrics: async () => {
      if (observed) {
        incidents.showActive(observed.incidents());
        showAccounts(observed.accounts());
        showCharges(observed.reconciled());
        showMenu(observed.prices());
        if (observed.dataFolder !== undefined) await showDisk(observed.dataFolder);
      }
      try {
        if (observed) showFleet(await observed.fleet());
      } catch {
        // A store in trouble is when the rest of the page is needed most: its failure is counted, not passed on.
        process.fleetReadFailures.inc();
      }
      return `${await registry.metrics()}\n${http.render()}`;
    },
  };
}
