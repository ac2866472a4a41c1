import { SECOND_MS } from '../../src/domain/time.ts';
import type { WireFetch } from '../../src/providers/wire-fetch.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { drawHosts } from '../../src/simulator/hosts.ts';
import { createMarketplace, type SimMarket } from '../../src/simulator/market.ts';
import type { Chance, Facade } from '../../src/simulator/model.ts';
import { tensordockV0Facade } from '../../src/simulator/tensordock/v0-facade.ts';
import { tensordockV2Facade } from '../../src/simulator/tensordock/v2-facade.ts';
import { vastaiFacade } from '../../src/simulator/vastai/facade.ts';
import { NO_FAULTS } from '../../src/simulator/wire-faults.ts';
import { type Plan, WORLD_START } from './plan.ts';
import { Tally } from './tally.ts';
import { VirtualClock } from './virtual-clock.ts';
import { type CounterWatch, type FogKind, watchedMarket } from './watched-market.ts';
import { watchedWire } from './watched-wire.ts';

const HEALTHY = { ...NO_FAULTS, latencyMs: { low: 20, high: 300 } };

/** A time in which the providers' APIs are not to be believed. */
interface Fog {
  readonly kind: FogKind;
  readonly until: number;
}

/** What all deployments of one world share: time, the marketplace, and how badly the network treats them. */
export class Stage {
  readonly plan: Plan;
  readonly clock = new VirtualClock(WORLD_START);
  readonly chance: Chance;
  readonly market: SimMarket;
  readonly tally = new Tally();
  /** Tags of launches that the network delivered twice. */
  readonly doubledTags = new Set<string>();
  readonly #fog: Fog[] = [];
  readonly #onRented: (() => void)[] = [];
  #isHealed = false;

  constructor(plan: Plan, seed: number) {
    this.plan = plan;
    this.chance = createChance(seed);
    this.market = this.#createMarket();
    for (let index = 0; index < plan.foreign; index += 1) this.tally.count('market foreigner');
  }

  get isHealed(): boolean {
    return this.#isHealed;
  }

  heal(): void {
    this.#isHealed = true;
  }

  /** For so long the providers' APIs are not to be believed, in one of three ways. */
  cloud(kind: FogKind, durationMs: number): void {
    this.tally.count(`market ${kind}`);
    this.#fog.push({ kind, until: this.clock.now() + durationMs });
  }

  /** Runs the act as soon as the condition is seen to hold; looks every second. */
  when(condition: () => boolean, act: () => void): void {
    this.clock.after(SECOND_MS, () => (condition() ? act() : this.when(condition, act)));
  }

  whenRented(act: () => void): void {
    this.#onRented.push(act);
  }

  /** Called when one of the deployments has rented. */
  noteRental(): void {
    for (const act of this.#onRented.splice(0)) act();
  }

  /** The providers' APIs as one deployment reaches them. */
  wireOf(name: string, watch: Omit<CounterWatch, 'tally' | 'isIn'>): WireFetch {
    const market = watchedMarket(this.market, {
      ...watch,
      tally: this.tally,
      isIn: (kind) => this.#isIn(kind),
    });
    const { rateLimits, quirks } = this.plan;
    return watchedWire({
      facades: [tensordockV2Facade, tensordockV0Facade, vastaiFacade].map((facade) =>
        this.#withoutLists(facade(market, { rateLimits, quirks })),
      ),
      clock: this.clock,
      chance: this.chance.fork(`wire ${name}`),
      faults: () => (this.#isHealed ? HEALTHY : this.plan.faults),
      tally: this.tally,
      onDoubled: (tag) => this.doubledTags.add(tag),
    });
  }

  #isIn(kind: FogKind): boolean {
    return this.#fog.some((fog) => fog.kind === kind && this.clock.now() < fog.until);
  }

  #withoutLists(facade: Facade): Facade {
    return async (request) => {
      const isList = INSTANCE_LISTS.test(`${request.method} ${request.path}`);
      return isList && this.#isIn('refuses lists') ? UNAVAILABLE : facade(request);
    };
  }

  #createMarket(): SimMarket {
    const { badShare, listLag, lyingDeletes, foreign, hosts } = this.plan;
    const chance = this.chance.fork('market');
    return createMarketplace({
      clock: this.clock,
      chance,
      listLag,
      lyingDeletes,
      foreign,
      likeDeployments: [DEPLOYMENT_ID],
      hosts: drawHosts({
        chance: chance.fork('hosts'),
        startedAt: WORLD_START,
        vastHosts: hosts.vast,
        tensordockHosts: hosts.tensordock,
        badShare,
      }),
    });
  }
}

export const DEPLOYMENT_ID = 'simdep01';
/** The neighbour's id begins with ours: whoever compares tags carelessly takes its instances for ours. */
export const NEIGHBOUR_ID = 'simdep01y';

const INSTANCE_LISTS = /^(GET \/api\/v[12]\/instances|POST \/api\/v0\/client\/list)\/?$/;
const UNAVAILABLE = { status: 503, headers: {}, body: '' };
