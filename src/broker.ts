import { burnRate, ledgerTotal } from './domain/billing.ts';
import type { DeploymentId, ProviderApi, SessionId } from './domain/ids.ts';
import { isFinalInstance } from './domain/instance.ts';
import type { Policy } from './domain/policy.ts';
import { toUsd } from './domain/money.ts';
import type { Session } from './domain/session.ts';
import type { CostService } from './costs/cost-service.ts';
import { Ledger } from './costs/ledger.ts';
import type { Menu } from './inventory/menu.ts';
import { startPoller } from './inventory/poller.ts';
import { Shelf } from './inventory/shelf.ts';
import type { Clock } from './ports/clock.ts';
import type { Keys } from './ports/keys.ts';
import type { Provider } from './ports/provider.ts';
import type { Random } from './ports/random.ts';
import type { Recorder } from './ports/recorder.ts';
import type { RemoteShell } from './ports/remote-shell.ts';
import type { Store } from './ports/store.ts';
import { BoundedMap } from './runtime/bounded-map.ts';
import { KeyedRunner } from './runtime/keyed-runner.ts';
import { type Loop, startLoop } from './runtime/loop.ts';
import { Reconciler } from './sessions/reconciler.ts';
import { SessionBook } from './sessions/session-book.ts';
import type { LifecyclePhase, SessionService } from './sessions/session-service.ts';
import { Sessions } from './sessions/sessions.ts';
import type { Pace, Site, StepParts } from './sessions/step-parts.ts';
import { runStep } from './sessions/step.ts';
import { Watch } from './sessions/watch.ts';

/** All that the broker needs of the world. */
export interface BrokerPorts {
  readonly store: Store;
  /** In order of preference. */
  readonly providers: readonly Provider[];
  readonly shell: RemoteShell;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly deploymentId: DeploymentId;
}

export interface Broker {
  readonly menu: Menu;
  readonly sessions: SessionService;
  readonly costs: CostService;
  phase(): LifecyclePhase;
  /** Starts the loops, sweeps once, and resolves when the broker is ready. */
  start(): Promise<void>;
  /** Stops the loops and waits for what is under way; ends nobody's session. The store is left open. */
  stop(): Promise<void>;
  /** What runs now, for the gauges. */
  fleet(): Promise<Fleet>;
}

/** Counts and sums over everything that is open. */
export interface Fleet {
  readonly sessions: readonly { readonly provider: string; readonly status: string; readonly count: number }[];
  readonly instances: readonly { readonly provider: string; readonly state: string; readonly count: number }[];
  readonly spendUsdPerHour: number;
  readonly accruedUsd: number;
}

/** Sessions worked on at once at one provider. */
const LANE_CONCURRENCY = 32;
const MAX_PACES = 20_000;

/** The same constructor in production and in the simulator. */
export function createBroker(ports: BrokerPorts, policy: Policy): Broker {
  const { store, providers, clock, random, recorder, deploymentId } = ports;
  const book = new SessionBook({ store, clock, recorder });
  const shelf = new Shelf({ sources: providers, clock, policy });
  let phase: LifecyclePhase = 'starting';

  const runner = new KeyedRunner({
    clock,
    laneConcurrency: LANE_CONCURRENCY,
    run: (id) => runStep(stepParts, id),
  });
  const wake = (id: SessionId): void => runner.wake(id);
  const common = { book, clock, recorder, policy, wake };
  const sites = new Map<ProviderApi, Site>(
    providers.map((provider) => [
      provider.api,
      { provider, watch: new Watch({ ...common, provider, store }) },
    ]),
  );
  const stepParts: StepParts = {
    ...ports,
    book,
    shelf,
    sites,
    policy,
    paces: new BoundedMap<SessionId, Pace>(MAX_PACES),
  };
  const reconcilers = providers.map(
    (provider) => new Reconciler({ ...common, provider, deploymentId }),
  );
  const loops: Loop[] = [];

  const wakeAll = async (): Promise<void> => {
    for (const id of await store.openIds()) wake(id);
  };
  const startLoops = (): void => {
    for (const { watch } of sites.values()) watch.start();
    if (policy.nets.reconciler) for (const reconciler of reconcilers) reconciler.start();
    const intervalMs = (): number => policy.lifecycleTickMs;
    loops.push(startLoop({ name: 'lifecycle', clock, recorder, intervalMs, body: wakeAll }));
  };

  return {
    menu: shelf,
    sessions: new Sessions({
      ...ports,
      book,
      shelf,
      policy,
      wake,
      providers: new Map(providers.map((provider) => [provider.api, provider])),
      phase: () => phase,
    }),
    costs: new Ledger(store, clock),
    phase: () => phase,
    start: async () => {
      for (const provider of providers) {
        loops.push(startPoller({ provider, shelf, clock, random, recorder, policy }));
      }
      if (policy.nets.startupSweep) await sweepOnce(reconcilers, clock, policy);
      if (phase !== 'starting') return;
      startLoops();
      phase = 'running';
    },
    stop: async () => {
      phase = 'stopping';
      await Promise.all([
        ...loops.map((loop) => loop.stop()),
        ...reconcilers.map((reconciler) => reconciler.stop()),
        ...[...sites.values()].map(({ watch }) => watch.stop()),
      ]);
      await runner.stop();
    },
    fleet: async () => {
      const open = await Promise.all((await store.openIds()).map((id) => store.load(id)));
      return fleetOf(
        open.filter((session) => session !== undefined),
        clock.now(),
      );
    },
  };
}

/** A provider that does not answer must not keep the others' sessions waiting for ever. */
function sweepOnce(
  reconcilers: readonly Reconciler[],
  clock: Clock,
  policy: Policy,
): Promise<unknown> {
  return Promise.race([
    Promise.allSettled(reconcilers.map((reconciler) => reconciler.sweep())),
    new Promise<void>((resolve) => clock.after(policy.startupSweepMs, resolve)),
  ]);
}

function fleetOf(sessions: readonly Session[], now: number): Fleet {
  const instances = sessions.flatMap((session) => session.instances);
  const open = instances.filter((instance) => !isFinalInstance(instance.state));
  const costs = instances.flatMap((instance) => instance.costs);
  return {
    sessions: tally(
      sessions.map((session) => ({
        provider: session.instances.at(-1)?.provider ?? '',
        status: session.status,
      })),
    ),
    instances: tally(open.map(({ provider, state }) => ({ provider, state }))),
    spendUsdPerHour: toUsd(burnRate(costs)),
    accruedUsd: toUsd(ledgerTotal(costs, now)),
  };
}

function tally<Labels extends Readonly<Record<string, string>>>(
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
