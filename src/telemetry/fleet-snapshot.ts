import { burnRate, ledgerTotal } from '../domain/billing.ts';
import { isFinalInstance } from '../domain/instance.ts';
import { toUsd } from '../domain/money.ts';
import { currentInstance, isTerminalStatus, type Session } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { FleetSnapshot } from './fleet-metrics.ts';

/** Reads every open session, one by one, so that a large fleet never holds the store for long. */
export async function readFleet(
  store: Pick<Store, 'openIds' | 'load'>,
  clock: Pick<Clock, 'now'>,
): Promise<FleetSnapshot> {
  const sessions: Session[] = [];
  for (const id of await store.openIds()) {
    const session = await store.load(id);
    if (session) sessions.push(session);
  }
  return fleetSnapshot(sessions, clock.now());
}

/** One entry a session or instance: the gauges add them up. A session before its first attempt has no provider yet. */
function fleetSnapshot(sessions: readonly Session[], now: EpochMs): FleetSnapshot {
  const instances = sessions.flatMap((session) => session.instances);
  const lines = instances.flatMap((instance) => instance.costs);
  return {
    sessions: sessions
      .filter((session) => !isTerminalStatus(session.status))
      .map((session) => ({
        provider: currentInstance(session)?.provider ?? 'none',
        status: session.status,
        count: 1,
      })),
    instances: instances
      .filter((instance) => !isFinalInstance(instance.state))
      .map(({ provider, state }) => ({ provider, state, count: 1 })),
    spendUsdPerHour: toUsd(burnRate(lines)),
    accruedUsd: toUsd(ledgerTotal(lines, now)),
  };
}
