import { burnRate, ledgerTotal } from '../domain/billing.ts';
import { type InstanceState, isFinalInstance } from '../domain/instance.ts';
import { type LoginState, loginTroubleOf } from '../domain/lifecycle/logins.ts';
import { toUsd } from '../domain/money.ts';
import { currentInstance, type Session, type SessionStatus } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { OrphanCount } from '../ports/store.ts';
import type { GpuFigures } from './activity-reader.ts';

/** Counts and sums over everything that is open, for the gauges. */
export interface Fleet {
  readonly sessions: readonly {
    readonly provider: string;
    readonly status: SessionStatus;
    readonly count: number;
  }[];
  readonly instances: readonly {
    readonly provider: string;
    readonly state: InstanceState;
    readonly count: number;
  }[];
  /** Running sessions that are logged in to, by how that goes. */
  readonly logins: readonly {
    readonly provider: string;
    readonly status: LoginState;
    readonly count: number;
  }[];
  readonly gpus: readonly GpuFigures[];
  readonly spendUsdPerHour: number;
  readonly accruedUsd: number;
  readonly orphans: readonly OrphanCount[];
}

export function fleetOf(
  sessions: readonly Session[],
  { orphans, gpus, now }: Pick<Fleet, 'orphans' | 'gpus'> & { readonly now: EpochMs },
): Fleet {
  const instances = sessions.flatMap((session) => session.instances);
  const open = instances.filter((instance) => !isFinalInstance(instance.state));
  const costs = instances.flatMap((instance) => instance.costs);
  return {
    sessions: tally(
      sessions.map((session) => ({
        provider: currentInstance(session)?.provider ?? '',
        status: session.status,
      })),
    ),
    instances: tally(open.map(({ provider, state }) => ({ provider, state }))),
    logins: tally(sessions.flatMap(loginOf)),
    spendUsdPerHour: toUsd(burnRate(costs)),
    accruedUsd: toUsd(ledgerTotal(costs, now)),
    orphans,
    gpus,
  };
}

function loginOf(session: Session) {
  const current = currentInstance(session);
  const isLogin = session.status === 'running' && session.request.workload.kind === 'ssh';
  if (!isLogin || !current) return [];
  return [
    { provider: current.provider, status: loginTroubleOf(current)?.state ?? ('ok' as const) },
  ];
}

function tally<Labels extends object>(
  items: readonly Labels[],
): (Labels & { readonly count: number })[] {
  const counts = new Map<string, Labels & { count: number }>();
  for (const item of items) {
    const key = JSON.stringify(item);
    const known = counts.get(key);
    if (known) known.count += 1;
    else counts.set(key, { ...item, count: 1 });
  }
  return [...counts.values()];
}
