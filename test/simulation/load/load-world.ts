import { type Broker, createBroker } from '../../../src/broker.ts';
import { BrokerError } from '../../../src/domain/errors.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/domain/policy.ts';
import { isTerminalStatus, type Session } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import type { Note, Recorder } from '../../../src/ports/recorder.ts';
import type { Store } from '../../../src/ports/store.ts';
import { WireError } from '../../../src/providers/wire-fetch.ts';
import { createChance } from '../../../src/simulator/chance.ts';
import { DEFAULT_FACADE_OPTIONS } from '../../../src/simulator/default-options.ts';
import { drawHosts } from '../../../src/simulator/hosts.ts';
import { createMarketplace, type SimMarket } from '../../../src/simulator/market.ts';
import type { Chance } from '../../../src/simulator/model.ts';
import { tensordockV0Facade } from '../../../src/simulator/tensordock/v0-facade.ts';
import { tensordockV2Facade } from '../../../src/simulator/tensordock/v2-facade.ts';
import { vastaiFacade } from '../../../src/simulator/vastai/facade.ts';
import { playWire } from '../../../src/simulator/wire.ts';
import { NO_FAULTS, type Outage } from '../../../src/simulator/wire-faults.ts';
import { openStoreOn } from '../../../src/store/open-store.ts';
import { openEmptyDatabase } from '../../support/empty-database.ts';
import { plainKeys, randomOf, simulatedProbe, simulatedShell } from '../fakes.ts';
import { type Api, WORLD_START } from '../plan.ts';
import { providersOver } from '../providers.ts';
import { rememberedReads } from '../remembered-reads.ts';
import { Tally } from '../tally.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { type CallBook, callBook } from './call-book.ts';
import { type Lane, offersFor } from './lanes.ts';

const DEPLOYMENT_ID = 'load01';
const CREDIT_USD = 10_000_000;
/** Slower than the marketplaces answer from a data centre, with as much jitter as a bad day has. */
const LATENCY_MS = { low: 40, high: 300 };

export interface LoadOptions {
  readonly seed: number;
  readonly apis: readonly Api[];
  readonly hosts: { readonly vast: number; readonly tensordock: number };
}

/**
 * One broker under load: the real constructor over the real adapters, against a marketplace that keeps its published rate
 * limits. Nothing goes wrong here but what a test arranges; what is measured is who waits for whom.
 */
export class LoadWorld {
  readonly clock = new VirtualClock(WORLD_START);
  readonly market: SimMarket;
  readonly calls: CallBook;
  /** What the broker reaches the marketplaces through, rate gates and all. */
  readonly providers: readonly Provider[];
  readonly #chance: Chance;
  readonly #outages: Outage[] = [];
  readonly #recorder: Recorder;
  readonly #database = openEmptyDatabase();
  /** How often each machine was taken. */
  readonly #taken = new Map<string, number>();
  #broker: Broker | undefined;
  #asked = 0;

  constructor(options: LoadOptions) {
    this.#chance = createChance(options.seed);
    this.calls = callBook(this.clock);
    this.market = createMarketplace({
      clock: this.clock,
      chance: this.#chance.fork('market'),
      credit: { vastai: CREDIT_USD, tensordock: CREDIT_USD },
      hosts: drawHosts({
        chance: this.#chance.fork('hosts'),
        startedAt: WORLD_START,
        vastHosts: options.hosts.vast,
        tensordockHosts: options.hosts.tensordock,
        badShare: 0,
      }),
    });
    const fetch = playWire({
      facades: [tensordockV2Facade, tensordockV0Facade, vastaiFacade].map((facade) =>
        facade(this.market, DEFAULT_FACADE_OPTIONS),
      ),
      clock: this.clock,
      chance: this.#chance.fork('wire'),
      faults: () => ({ ...NO_FAULTS, latencyMs: LATENCY_MS, outages: this.#outages }),
      asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
    });
    this.#recorder = { event: () => {}, note: (note: Note) => this.calls.note(note) };
    this.providers = providersOver(
      { fetch, clock: this.clock, recorder: this.#recorder },
      { apis: options.apis, credentials: this.market.credentials },
    );
  }

  get broker(): Broker {
    if (!this.#broker) throw new Error('the world is not open yet');
    return this.#broker;
  }

  /** Starts the broker and waits until it has a menu. */
  async open(policy: Partial<Policy> = {}): Promise<void> {
    this.#broker = await this.#createBroker({ ...DEFAULT_POLICY, ...policy });
    void this.#broker.start();
    await this.clock.advance(MINUTE_MS);
  }

  async close(): Promise<void> {
    let isStopped = false;
    const stopping = this.#broker?.stop().then(() => {
      isStopped = true;
    });
    // What waits at the gates of a dead marketplace is waited for.
    for (let minutes = 0; !isStopped && minutes < CLOSE_BUDGET_MINUTES; minutes += 1) {
      await this.clock.advance(MINUTE_MS);
    }
    await stopping;
    await this.#database.close();
  }

  /** For good: nothing that is sent there is answered. */
  silence(market: Outage['market']): void {
    const from = this.clock.now();
    this.#outages.push({ market, from, to: Number.POSITIVE_INFINITY, as: 'silence' });
  }

  /** Rents until so many sessions run at that API; takes as long as its rate limits make it. */
  async rentUntilRunning(lane: Lane): Promise<void> {
    const begunMs = this.clock.monotonicMs();
    while (this.clock.monotonicMs() - begunMs < RENT_BUDGET_MS) {
      const open = await this.#openAt(lane.api);
      if (open.filter(({ status }) => status === 'running').length >= lane.count) return;
      const count = lane.count - open.filter(({ status }) => !isTerminalStatus(status)).length;
      for (const offerId of offersFor(this.broker.menu, { ...lane, count }, this.#taken)) {
        this.#rent(offerId, lane.reservationHours);
      }
      await this.clock.advance(MINUTE_MS);
    }
    throw new Error(`too few sessions run at ${lane.api}`);
  }

  async runningAt(api: Api): Promise<readonly string[]> {
    const open = await this.#openAt(api);
    return open.filter(({ status }) => status === 'running').map(({ id }) => id);
  }

  /** Asks for the end of them all in one moment. */
  async endAll(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.broker.sessions.done(id)));
  }

  /** So many callers that ask for an API's offers, and ask again as soon as they are answered. Returns how to end it. */
  searchStorm(api: Api, callers: number): () => void {
    const provider = this.providers.find((one) => one.api === api);
    let isOver = false;
    const again = (): void => {
      if (!isOver) void provider?.offers().then(again, again);
    };
    for (let caller = 0; caller < callers; caller += 1) again();
    return () => {
      isOver = true;
    };
  }

  #rent(offerId: string, reservationHours: number): void {
    this.#asked += 1;
    const name = `request ${this.#asked}`;
    const request = {
      consumerId: 'load',
      choice: { kind: 'offer', offerId },
      workloadType: 'training',
      reservationHours,
      idleThresholdMinutes: 0,
      diskGb: 20,
      workload: { kind: 'ssh' },
    } as const;
    this.broker.sessions
      .create({ request, idempotency: { key: name, bodyHash: name } })
      .catch((error: unknown) => {
        // A refusal is an offer that is gone by now; another one is taken in the next round.
        if (!(error instanceof BrokerError)) throw error;
      });
  }

  async #openAt(api: Api): Promise<readonly Session[]> {
    const store = await this.#store();
    return store.openAt(api);
  }

  async #store(): Promise<Store> {
    const { store } = await openStoreOn(this.#database, {
      deploymentId: DEPLOYMENT_ID,
      newDeploymentId: () => DEPLOYMENT_ID,
    });
    return store;
  }

  async #createBroker(policy: Policy): Promise<Broker> {
    const { clock, market, providers } = this;
    const remote = {
      market,
      clock,
      chance: this.#chance.fork('remote'),
      conditions: () => ({ latencyMs: 50, drops: 0, garbles: 0 }),
      tally: new Tally(),
      onLogin: () => {},
    };
    return createBroker(
      {
        store: rememberedReads(await this.#store()),
        providers,
        shell: simulatedShell(remote),
        probe: simulatedProbe(remote),
        keys: plainKeys,
        clock,
        random: randomOf(this.#chance.fork('broker')),
        recorder: this.#recorder,
        deploymentId: DEPLOYMENT_ID,
      },
      policy,
    );
  }
}

/** One create at a time, every five seconds, and not each comes up: five hundred machines at one API take hours. */
const RENT_BUDGET_MS = 5 * 60 * MINUTE_MS;
const CLOSE_BUDGET_MINUTES = 120;
