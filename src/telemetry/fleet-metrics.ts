import { Gauge, type Registry } from 'prom-client';
import type { ProviderName } from '../domain/ids.ts';
import type { InstanceState } from '../domain/instance.ts';
import type { LoginState } from '../domain/lifecycle/logins.ts';
import type { OrphanState } from '../domain/orphan.ts';
import type { SessionStatus } from '../domain/session.ts';
import { createGpuMetrics, type GpuSnapshot } from './gpu-metrics.ts';

/** What is there now, as the store has it. */
export interface FleetSnapshot {
  /** Sessions not ended, by provider of the current attempt. */
  readonly sessions: readonly {
    readonly provider: ProviderName;
    readonly status: SessionStatus;
    readonly count: number;
  }[];
  /** Instances not final. */
  readonly instances: readonly {
    readonly provider: ProviderName;
    readonly state: InstanceState;
    readonly count: number;
  }[];
  /** Running sessions that are logged in to, by how that goes. */
  readonly logins: readonly {
    readonly provider: ProviderName;
    readonly status: LoginState;
    readonly count: number;
  }[];
  /** Instances of ours that no session wants, as far as they are written down. */
  readonly orphans: readonly {
    readonly provider: ProviderName;
    readonly state: OrphanState;
    readonly count: number;
  }[];
  /** The GPUs of running sessions, as far as they were looked at lately. */
  readonly gpus: readonly GpuSnapshot[];
  /** What all open ledger lines come to in an hour. */
  readonly spendUsdPerHour: number;
  /** What the sessions that are open now have cost so far. */
  readonly accruedUsd: number;
}

/** Shows a snapshot; what is no longer in it goes away instead of standing still at its last value. */
export function createFleetMetrics(registry: Registry): (fleet: FleetSnapshot) => void {
  const registers = [registry];
  const showGpus = createGpuMetrics(registry);
  const sessions = new Gauge({
    name: 'gpu_sessions_active',
    help: 'Sessions that have not ended.',
    labelNames: ['provider', 'status'],
    registers,
  });
  const instances = new Gauge({
    name: 'gpu_instances',
    help: 'Instances that may exist at a provider, by state.',
    labelNames: ['provider', 'state'],
    registers,
  });
  const logins = new Gauge({
    name: 'gpu_session_logins',
    help: 'Running sessions by how logins to their machines go.',
    labelNames: ['provider', 'status'],
    registers,
  });
  const orphans = new Gauge({
    name: 'gpu_orphans',
    help: 'Instances with our tag that no session wants, by what is done about them.',
    labelNames: ['provider', 'state'],
    registers,
  });
  const spend = new Gauge({
    name: 'gpu_spend_rate_usd_per_hour',
    help: 'US dollars an hour that are running up now.',
    registers,
  });
  const accrued = new Gauge({
    name: 'gpu_accrued_cost_usd',
    help: 'US dollars that the sessions open now have cost so far.',
    registers,
  });
  return (fleet) => {
    sessions.reset();
    instances.reset();
    logins.reset();
    orphans.reset();
    for (const { provider, status, count } of fleet.sessions)
      sessions.inc({ provider, status }, count);
    for (const { provider, state, count } of fleet.instances)
      instances.inc({ provider, state }, count);
    for (const { provider, status, count } of fleet.logins) logins.inc({ provider, status }, count);
    for (const { provider, state, count } of fleet.orphans) orphans.inc({ provider, state }, count);
    showGpus(fleet.gpus);
    spend.set(fleet.spendUsdPerHour);
    accrued.set(fleet.accruedUsd);
  };
}
