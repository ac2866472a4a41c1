import type { Accounts } from '../costs/accounts.ts';
import type {
  ApiPlace,
  DeploymentId,
  ProviderApi,
  ProviderName,
  SessionId,
  Tag,
} from '../domain/ids.ts';
import { isFinalInstance } from '../domain/instance.ts';
import type { OrphanId } from '../domain/orphan.ts';
import type { Policy } from '../domain/policy.ts';
import type { Session } from '../domain/session.ts';
import type { Shelf } from '../inventory/shelf.ts';
import type { Clock } from '../ports/clock.ts';
import type { Keys } from '../ports/keys.ts';
import type { Origin } from '../ports/origin.ts';
import type { Provider } from '../ports/provider.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { RemoteShell } from '../ports/remote-shell.ts';
import type { Store } from '../ports/store.ts';
import type { WorkloadProbe } from '../ports/workload-probe.ts';
import { Background } from '../runtime/background.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { KeyedRunner } from '../runtime/keyed-runner.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import { Turns } from '../runtime/turns.ts';
import { ActivityMemory } from './activity-memory.ts';
import type { HeartbeatParts } from './heartbeats.ts';
import { Incidents } from './incidents.ts';
import { InstanceLists } from './instance-lists.ts';
import { OrphanBook } from './orphan-book.ts';
import { runOrphanStep } from './orphan-step.ts';
import { Reconciler } from './reconciler.ts';
import { reportingStore } from './reporting-store.ts';
import { startRetention } from './retention.ts';
import { SessionBook } from './session-book.ts';
import { openedKey } from './session-login.ts';
import { LAUNCHES_LANE, runStep } from './step.ts';
import type { Pace, Site, StepParts } from './step-parts.ts';
import { Watch } from './watch.ts';

export interface EngineParts {
  readonly store: Store;
  readonly providers: readonly Provider[];
  readonly shelf: Shelf;
  readonly shell: RemoteShell;
  readonly probe: WorkloadProbe;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly deploymentId: DeploymentId;
  readonly policy: Policy;
  readonly accounts: Pick<Accounts, 'choose'>;
}

/** Launches under way at once at one provider. */
const LAUNCH_CONCURRENCY = 32;
/**
 * Sessions worked on at once at one provider: what waits there costs a promise, and who goes first is for the rate gate to
 * say. In a narrow lane an end would stand behind what waits for slow answers.
 */
const LANE_CONCURRENCY = 2_000;

function laneConcurrency(lane: string): number {
  return lane.endsWith(LAUNCHES_LANE) ? LAUNCH_CONCURRENCY : LANE_CONCURRENCY;
}

/** Running machines that are logged in to at once, beside those that come up. */
const LOOKS_AT_ONCE = 32;
const GRANTS_AT_ONCE = 4;
const MAX_PACES = 20_000;
/** Orphans that are looked through for what no configured API can reach; more of them are told of as so many. */
const MAX_STRANDED = 1_000;

/** What carries sessions on: the steps, one watch and one reconciler a provider, and the slow tick behind them all. */
export class Engine {
  readonly book: SessionBook;
  readonly orphans: OrphanBook;
  readonly incidents: Incidents;
  /** Of whose work the rows may not know all that was found out: at first all that are inherited, for those may be from a backup. */
  readonly unheard = new Set<SessionId>();
  readonly activity = new ActivityMemory();
  readonly #parts: EngineParts;
  readonly #runner: KeyedRunner;
  readonly #orphanRunner: KeyedRunner;
  readonly #sites: ReadonlyMap<ProviderApi, Site>;
  readonly #reconcilers: readonly Reconciler[];
  readonly #inherited = new Set<SessionId>();
  readonly #soughtBefore = new Set<Tag>();
  readonly #looks: Background;
  readonly #grants: Background;
  #tick: Loop | undefined;
  #retention: Loop | undefined;
  #endSweep: () => void = () => {};

  constructor(parts: EngineParts) {
    const { clock, providers, recorder } = parts;
    this.incidents = new Incidents(parts);
    const store = reportingStore(parts.store, this.incidents);
    this.#parts = { ...parts, store };
    this.book = new SessionBook(this.#parts);
    this.orphans = new OrphanBook(this.#parts);
    const common = {
      ...this.#parts,
      book: this.book,
      orphans: this.orphans,
      incidents: this.incidents,
      apis: new Set(providers.map(({ api }) => api)),
      soughtBefore: this.#soughtBefore,
      wake: (id: SessionId) => this.wake(id),
      wakeOrphan: (id: OrphanId) => this.wakeOrphan(id),
    };
    const turns = new Map(providers.map(({ name }) => [name, new Turns()]));
    const here = providers.map((provider) => {
      const lists = new InstanceLists(provider, this.incidents);
      return { ...common, provider, lists, turns: turns.get(provider.name) ?? new Turns() };
    });
    this.#sites = new Map(
      here.map((site) => [site.provider.api, { ...site, watch: new Watch(site) }]),
    );
    this.#reconcilers = here.map((site) => new Reconciler(site));
    const onError = (sessionId: SessionId, error: unknown): void =>
      recorder.note({ kind: 'step_failed', sessionId, error });
    this.#looks = new Background({ concurrency: LOOKS_AT_ONCE, onError });
    this.#grants = new Background({ concurrency: GRANTS_AT_ONCE, onError });
    const stepParts: StepParts = {
      ...this.#parts,
      inherited: this.#inherited,
      unheard: this.unheard,
      activity: this.activity,
      book: this.book,
      sites: this.#sites,
      paces: new BoundedMap<SessionId, Pace>(MAX_PACES),
      machinesInFlight: new Set(),
      proving: new Set(),
      looks: this.#looks,
      grants: this.#grants,
      wake: (id) => this.wake(id),
    };
    this.#runner = new KeyedRunner({
      clock,
      laneConcurrency,
      run: (id, lane) => runStep(stepParts, id, lane),
    });
    const orphanParts = {
      ...this.#parts,
      orphans: this.orphans,
      providers: new Map(providers.map((provider) => [provider.api, provider])),
    };
    this.#orphanRunner = new KeyedRunner({
      clock,
      laneConcurrency,
      run: (id, lane) => runOrphanStep(orphanParts, id, lane),
    });
  }

  /** What is shared with whoever else takes in what goes on in machines. */
  get listening(): Pick<HeartbeatParts, 'book' | 'unheard' | 'activity' | 'wake'> {
    const { book, unheard, activity } = this;
    return { book, unheard, activity, wake: (id) => this.wake(id) };
  }

  wake(id: SessionId): void {
    this.#runner.wake(id);
  }

  wakeOrphan(id: OrphanId): void {
    if (this.#parts.policy.nets.reconciler) this.#orphanRunner.wake(id);
  }

  /** A person has decided about an orphan there: what waits is counted anew, and a sweep comes as soon as may be. */
  async sweepSoon(api: ProviderApi, origin: Origin | undefined): Promise<void> {
    const reconciler = this.#reconcilers.find(({ place }) => place.api === api);
    await reconciler?.tellOfHeld(origin);
    reconciler?.wake();
  }

  /** Before anybody can make a session: those that are there now are from before. */
  async takeOver(): Promise<void> {
    const { store } = this.#parts;
    const open = await Promise.all((await store.openIds()).map((id) => store.load(id)));
    const sessions = open.filter((session) => session !== undefined);
    for (const { id } of sessions) {
      this.#inherited.add(id);
      this.unheard.add(id);
    }
    this.#tellOfSealed(sessions);
    const instances = sessions.flatMap((session) => session.instances);
    for (const { state, tag } of instances) if (state === 'unsettled') this.#soughtBefore.add(tag);
    for (const reconciler of this.#reconcilers) await reconciler.tellOfHeld();
    await this.#tellOfStranded(instances.filter(({ state }) => !isFinalInstance(state)));
  }

  /** Nothing else would say why their machines are not looked into: a start that was refused would end none of them in time. */
  #tellOfSealed(sessions: readonly Session[]): void {
    const { keys, recorder } = this.#parts;
    const sealed = sessions.filter(({ sealedPrivateKey }) => sealedPrivateKey !== undefined);
    const closed = sealed.filter((session) => openedKey(keys, session) === undefined).length;
    if (closed > 0) recorder.note({ kind: 'keys_not_opened', sessions: closed, of: sealed.length });
  }

  /** What stands at an API that is not configured can neither be seen nor ended, and nobody else would say so. */
  async #tellOfStranded(instances: readonly ApiPlace[]): Promise<void> {
    const stranded = new Map<ProviderApi, { provider: ProviderName; count: number }>();
    const add = ({ provider, api }: ApiPlace): void => {
      if (this.#sites.has(api)) return;
      stranded.set(api, { provider, count: (stranded.get(api)?.count ?? 0) + 1 });
    };
    const { orphans } = await this.#parts.store.orphanPage({ limit: MAX_STRANDED, offset: 0 });
    for (const place of [...instances, ...orphans]) add(place);
    for (const [api, { provider, count }] of stranded) {
      await this.incidents.raise(
        { kind: 'api_not_configured', instances: count },
        { provider, api },
      );
    }
  }

  /** One sweep of every provider; one that does not answer must not keep the others' sessions waiting for ever. */
  async sweepOnce(): Promise<void> {
    const { clock, policy, recorder } = this.#parts;
    const isLate = new Promise<void>((resolve) => {
      const cancel = clock.after(policy.startupSweepMs, resolve);
      this.#endSweep = () => {
        cancel();
        resolve();
      };
    });
    await Promise.race([
      Promise.all(
        this.#reconcilers.map((reconciler) =>
          reconciler.sweep().catch((error: unknown) => {
            recorder.note({ kind: 'loop_failed', loop: 'startup sweep', error });
          }),
        ),
      ),
      isLate,
    ]);
    this.#endSweep();
  }

  startLoops(): void {
    const { clock, recorder, policy } = this.#parts;
    for (const { watch } of this.#sites.values()) watch.start();
    if (policy.nets.reconciler) for (const reconciler of this.#reconcilers) reconciler.start();
    this.#tick = startLoop({
      name: 'lifecycle',
      clock,
      recorder,
      intervalMs: () => policy.lifecycleTickMs,
      body: () => this.#wakeOpen(),
    });
    this.#retention = startRetention({
      ...this.#parts,
      incidents: () => this.incidents.active(),
    });
  }

  /** Whoever waits for a session is answered with it as it stands: nothing will change it any more. */
  async stop(): Promise<void> {
    this.#endSweep();
    await Promise.all([
      this.#runner.stop(),
      this.#orphanRunner.stop(),
      this.#tick?.stop(),
      this.#retention?.stop(),
      this.#looks.stop(),
      this.#grants.stop(),
      ...this.#reconcilers.map((reconciler) => reconciler.stop()),
      ...[...this.#sites.values()].map(({ watch }) => watch.stop()),
    ]);
    this.book.release();
  }

  async #wakeOpen(): Promise<void> {
    await this.incidents.catchUp();
    const open = await this.#parts.store.openIds();
    this.activity.forgetOver(open);
    for (const id of open) if (!this.#runner.isScheduled(id)) this.wake(id);
    for (const id of await this.#parts.store.endingOrphanIds()) {
      if (!this.#orphanRunner.isScheduled(id)) this.wakeOrphan(id);
    }
  }
}
