import { SECOND_MS } from '../../src/domain/time.ts';
import type { WireFetch } from '../../src/providers/wire-fetch.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { withDefects } from '../../src/simulator/defects.ts';
import { drawHosts } from '../../src/simulator/hosts.ts';
import { createMarketplace, type SimMarket } from '../../src/simulator/market.ts';
import type { Chance, Market, SimHost } from '../../src/simulator/model.ts';
import { tensordockV0Facade } from '../../src/simulator/tensordock/v0-facade.ts';
import { tensordockV2Facade } from '../../src/simulator/tensordock/v2-facade.ts';
import { vastaiFacade } from '../../src/simulator/vastai/facade.ts';
import { withVices } from '../../src/simulator/vices.ts';
import { NO_FAULTS, type Outage, type WireFaults } from '../../src/simulator/wire-faults.ts';
import { type FogKind, Weather } from './fog.ts';
import { foggyFacade } from './foggy-facade.ts';
import { DEPLOYMENT_ID, type Plan, WORLD_START } from './plan.ts';
import { Tally } from './tally.ts';
import { VirtualClock } from './virtual-clock.ts';
import { type CounterWatch, watchedMarket } from './watched-market.ts';
import { watchedWire } from './watched-wire.ts';

const HEALTHY = { ...NO_FAULTS, latencyMs: { low: 20, high: 300 } };

/** What all deployments of one world share: time, the marketplace, and how badly the network treats them. */
export class Stage {
  readonly plan: Plan;
  readonly clock = new VirtualClock(WORLD_START);
  readonly chance: Chance;
  readonly market: SimMarket;
  readonly tally = new Tally();
  /** Tags of launches that the network delivered twice. */
  readonly doubledTags = new Set<string>();
  readonly #weather: Weather;
  readonly #outages: Outage[] = [];
  readonly #onRented: (() => void)[] = [];
  #isHealed = false;

  constructor(plan: Plan, seed: number) {
    this.plan = plan;
    this.chance = createChance(seed);
    this.market = this.#createMarket();
    this.#weather = new Weather(this.clock, plan.fogs);
    this.#countWhatIs();
  }

  get isHealed(): boolean {
    return this.#isHealed;
  }

  heal(): void {
    this.#isHealed = true;
    this.#countMishaps();
    this.#weather.clear();
    this.market.becomeHonest();
  }

  /** For so long the providers' APIs are not to be believed. */
  cloud(kind: FogKind, durationMs: number): void {
    this.#weather.cloud(kind, durationMs);
  }

  /** For so long nothing listens at this marketplace. */
  cutOff(market: Market, durationMs: number): void {
    const from = this.clock.now();
    this.#outages.push({ market, from, to: from + durationMs, as: 'refused' });
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
  wireOf(name: string, watch: Omit<CounterWatch, 'tally' | 'weather'>): WireFetch {
    const market = watchedMarket(this.market, {
      ...watch,
      tally: this.tally,
      weather: this.#weather,
    });
    const { rateLimits, quirks } = this.plan;
    return watchedWire({
      facades: [tensordockV2Facade, tensordockV0Facade, vastaiFacade].map((facade) =>
        foggyFacade(facade(market, { rateLimits, quirks }), this.#weather, this.tally),
      ),
      clock: this.clock,
      chance: this.chance.fork(`wire ${name}`),
      faults: () => this.#faults(),
      tally: this.tally,
      onDoubled: (tag) => this.doubledTags.add(tag),
    });
  }

  #faults(): WireFaults {
    if (this.#isHealed) return HEALTHY;
    const { faults } = this.plan;
    return { ...faults, outages: [...faults.outages, ...this.#outages] };
  }

  #countMishaps(): void {
    for (const { kind } of this.market.mishaps()) this.tally.count(`mishap ${kind}`);
    for (const { id, host } of this.market.instances()) {
      if (this.market.isForeign(id)) continue;
      if (host.defect !== undefined) this.tally.count(`rented with ${host.defect}`);
    }
  }

  /** What is so from the beginning. */
  #countWhatIs(): void {
    const { foreign, neighbours, policy } = this.plan;
    this.tally.add('market foreigner', foreign);
    if (neighbours.length > 0) {
      this.tally.count(`account shared by ${neighbours.length + 1} deployments`);
    }
    for (const [net, isThere] of Object.entries(policy.nets)) {
      if (!isThere) this.tally.count(`broker without ${net}`);
    }
  }

  #flawed(hosts: readonly SimHost[], chance: Chance): readonly SimHost[] {
    const { flaw, defects } = this.plan.watching;
    return flaw === undefined
      ? withDefects(hosts, { share: defects, chance })
      : hosts.map((host) => ({ ...host, defect: flaw }));
  }

  #createMarket(): SimMarket {
    const { badShare, listLag, lyingDeletes, foreign, hosts, neighbours, containers } = this.plan;
    const { outbids, mix, creditUsd, watching } = this.plan;
    const chance = this.chance.fork('market');
    const drawn = drawHosts({
      chance: chance.fork('hosts'),
      startedAt: WORLD_START,
      vastHosts: hosts.vast,
      tensordockHosts: hosts.tensordock,
      badShare,
    });
    return createMarketplace({
      clock: this.clock,
      chance,
      listLag,
      lyingDeletes,
      services: containers.services,
      portLagMs: { low: 0, high: containers.portLagMs },
      portsMove: containers.portsMove,
      outbids,
      foreign,
      likeDeployments: [DEPLOYMENT_ID, ...neighbours],
      credit: { vastai: creditUsd, tensordock: creditUsd },
      work: watching.work,
      drivers: watching.drivers,
      mishaps: watching.mishaps,
      hosts: this.#flawed(
        mix ? withVices(drawn, { mix, chance: chance.fork('vices') }) : drawn,
        chance.fork('defects'),
      ),
    });
  }
}
