import { startAccountPollers } from './costs/account-poller.ts';
import { type AccountHealth, Accounts } from './costs/accounts.ts';
import { ChargeBook } from './costs/charge-book.ts';
import { startChargePollers } from './costs/charge-poller.ts';
import type { CostService } from './costs/cost-service.ts';
import { Ledger } from './costs/ledger.ts';
import type { DeploymentId } from './domain/ids.ts';
import type { Incident } from './domain/incident.ts';
import type { Policy } from './domain/policy.ts';
import type { Ranking } from './domain/ranking.ts';
import { type LearningParts, learningStore, recallLaunches } from './inventory/learning-store.ts';
import type { Menu } from './inventory/menu.ts';
import { type OfferHealth, offerHealthOf } from './inventory/offer-health.ts';
import { startPoller } from './inventory/poller.ts';
import { type PriceOfGpu, priceList } from './inventory/price-list.ts';
import { Shelf } from './inventory/shelf.ts';
import { startTemplatePoller } from './inventory/template-poller.ts';
import { TemplateShelf, type Templates } from './inventory/templates.ts';
import { TrackRecord } from './inventory/track-record.ts';
import type { Clock } from './ports/clock.ts';
import type { Keys } from './ports/keys.ts';
import type { Provider, TemplateCatalogue } from './ports/provider.ts';
import type { Random } from './ports/random.ts';
import type { Recorder } from './ports/recorder.ts';
import type { RemoteShell } from './ports/remote-shell.ts';
import type { ProviderCost, Store } from './ports/store.ts';
import type { WorkloadProbe } from './ports/workload-probe.ts';
import type { Loop } from './runtime/loop.ts';
import {
  type ActivityService,
  activityReader,
  type FiguresParts,
  gpuFigures,
} from './sessions/activity-reader.ts';
import { Diagnostics, type DiagnosticsService } from './sessions/diagnostics.ts';
import { Engine } from './sessions/engine.ts';
import { type Fleet, fleetOf } from './sessions/fleet.ts';
import { type HeartbeatService, Heartbeats } from './sessions/heartbeats.ts';
import type { OrphanService } from './sessions/orphan-service.ts';
import { Orphans } from './sessions/orphans.ts';
import type { LifecyclePhase, SessionService } from './sessions/session-service.ts';
import { Sessions } from './sessions/sessions.ts';

/** All that the broker needs of the world. */
export interface BrokerPorts {
  readonly store: Store;
  /** In order of preference. */
  readonly providers: readonly Provider[];
  readonly shell: RemoteShell;
  readonly probe: WorkloadProbe;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly deploymentId: DeploymentId;
  /** Another way of choosing, to be held against the broker's own; undefined in production. */
  readonly ranking?: Ranking;
}

export interface Broker {
  readonly menu: Menu;
  readonly templates: Templates;
  readonly offerHealth: OfferHealth;
  readonly sessions: SessionService;
  readonly diagnostics: DiagnosticsService;
  readonly heartbeats: HeartbeatService;
  readonly activity: ActivityService;
  readonly costs: CostService;
  readonly orphans: OrphanService;
  /** How the account at each marketplace stands. */
  accounts(): readonly AccountHealth[];
  /** What each marketplace has charged for machines that ended lately, beside what the ledger says. */
  reconciled(): readonly ProviderCost[];
  /** The menu by GPU type. */
  prices(): readonly PriceOfGpu[];
  /** What is for a person to know, oldest first. */
  incidents(): readonly Incident[];
  phase(): LifecyclePhase;
  /** Starts the loops, sweeps once, and resolves when the broker is ready. */
  start(): Promise<void>;
  /** Stops the loops and waits for whatever under way may write; ends nobody's session. The store is left open. */
  stop(): Promise<void>;
  /** What runs now, for the gauges. */
  fleet(): Promise<Fleet>;
}

/** The same constructor in production and in the simulator. */
export function createBroker(given: BrokerPorts, policy: Policy): Broker {
  const learning = learningParts(given, policy);
  const ports = { ...given, store: learningStore(given.store, learning) };
  const { shelf, clock } = learning;
  const { store, providers } = ports;
  const templates = new TemplateShelf(catalogueOf(ports), clock);
  const accounts = new Accounts({ providers, store, clock, policy });
  const charges = new ChargeBook({ store, clock });
  const engine = new Engine({ ...ports, shelf, policy, accounts });
  let pollers: readonly Loop[] = [];
  let phase: LifecyclePhase = 'starting';
  const isStopping = (): boolean => phase === 'stopping';
  return {
    menu: shelf,
    templates,
    offerHealth: offerHealthOf(learning),
    sessions: new Sessions({
      ...ports,
      shelf,
      templates,
      policy,
      accounts,
      book: engine.book,
      wake: (id) => engine.wake(id),
      providers: new Map(providers.map((provider) => [provider.api, provider])),
      phase: () => phase,
    }),
    diagnostics: new Diagnostics(ports),
    heartbeats: new Heartbeats({ ...ports, ...engine.listening, policy, phase: () => phase }),
    activity: activityReader({ ...ports, activity: engine.activity }),
    costs: new Ledger(store, clock),
    orphans: new Orphans({
      store,
      clock,
      book: engine.orphans,
      apis: new Set(providers.map(({ api }) => api)),
      wakeOrphan: (id) => engine.wakeOrphan(id),
      sweepSoon: (api, origin) => engine.sweepSoon(api, origin),
      phase: () => phase,
    }),
    accounts: () => accounts.health(),
    reconciled: () => charges.lately(),
    prices: () => priceList(shelf.all()),
    incidents: () => engine.incidents.active(),
    phase: () => phase,
    start: async () => {
      pollers = startPollers(ports, { policy, shelf, templates, accounts, charges, isStopping });
      await engine.takeOver();
      if (policy.nets.startupSweep) await engine.sweepOnce();
      if (phase !== 'starting') return;
      engine.startLoops();
      phase = 'running';
      void recallLaunches(store, learning, isStopping);
    },
    stop: async () => {
      phase = 'stopping';
      // What they read nobody will be shown, and an answer that comes late is not written: stopping waits for none.
      for (const poller of pollers) void poller.stop();
      await engine.stop();
    },
    fleet: () =>
      readFleet(ports, { activity: engine.activity, clock, maxAgeMs: lookAgeMs(policy) }),
  };
}

/** The menu, and the record that its estimates are made of. */
function learningParts(given: BrokerPorts, policy: Policy): LearningParts {
  const { providers, clock, recorder } = given;
  const record = new TrackRecord();
  const shelf = new Shelf({ ...given, sources: providers, policy, record });
  return { record, shelf, clock, recorder };
}

interface Kept {
  readonly policy: Policy;
  readonly shelf: Shelf;
  readonly templates: TemplateShelf;
  readonly accounts: Accounts;
  readonly charges: ChargeBook;
  readonly isStopping: () => boolean;
}

/** What is read of the marketplaces in the background, so that nobody waits for it. */
function startPollers(ports: BrokerPorts, kept: Kept): readonly Loop[] {
  const { policy, shelf, templates, accounts, charges, isStopping } = kept;
  return [
    ...ports.providers.map((provider) => startPoller({ ...ports, provider, shelf, policy })),
    ...(catalogueOf(ports) ? [startTemplatePoller({ ...ports, shelf: templates })] : []),
    ...startAccountPollers({ ...ports, accounts, policy }),
    ...startChargePollers({ ...ports, book: charges, policy, isStopping }),
  ];
}

function catalogueOf({ providers }: BrokerPorts): TemplateCatalogue | undefined {
  return providers.find((provider) => provider.templates)?.templates;
}

async function readFleet({ store, clock }: BrokerPorts, figures: FiguresParts): Promise<Fleet> {
  const open = await Promise.all((await store.openIds()).map((id) => store.load(id)));
  const sessions = open.filter((session) => session !== undefined);
  const gpus = gpuFigures(sessions, figures);
  return fleetOf(sessions, { now: clock.now(), orphans: await store.orphanCounts(), gpus });
}

/** One look may fail, and the next one be late. */
function lookAgeMs({ idleCheckMs, loginCheckMs }: Policy): number {
  return 3 * Math.max(idleCheckMs, loginCheckMs);
}
