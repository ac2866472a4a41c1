import { BrokerError } from '../../src/domain/errors.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { isTerminalStatus } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { createChance } from '../../src/simulator/chance.ts';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { fateOf, type Mix, natureOf } from '../../src/simulator/vices.ts';
import { ALL_CHECKERS } from '../simulation/checkers/all.ts';
import { Deployment } from '../simulation/deployment.ts';
import { CALM_PLAN, DEPLOYMENT_ID, type Plan } from '../simulation/plan.ts';
import { Stage } from '../simulation/stage.ts';
import { withinTheWish } from './checkers.ts';
import { type DemandOptions, DISK_GB, drawDemand, isSatisfiable, type Wish } from './demand.ts';
import { type Course, courseOf } from './outcome.ts';
import type { Strategy } from './strategies.ts';

export interface MarketWorldOptions extends Omit<DemandOptions, 'chance'> {
  readonly seed: number;
  readonly mix: Mix;
  readonly strategy: Strategy;
  readonly hosts: Plan['hosts'];
}

/** What became of one request. */
export interface Served {
  readonly wish: Wish;
  readonly isSatisfiable: boolean;
  readonly course: Course;
}

export interface MarketReport {
  readonly served: readonly Served[];
  readonly violations: readonly { readonly checker: string; readonly message: string }[];
}

/** One market with its broker and everybody who asks it for a machine, from the first request to the last bill. */
export async function runMarket(options: MarketWorldOptions): Promise<MarketReport> {
  const world = new MarketWorld(options);
  try {
    return await world.run();
  } finally {
    await world.close();
  }
}

/** Who is told that nothing fits, or that what did is gone, asks again in a minute, as the answer suggests; and not for ever. */
const ASK_AGAIN_MS = MINUTE_MS;
const MAX_ASKS = 10;
/** More than all sessions of any world cost. */
const CREDIT_USD = 1_000_000;
/** The menu is there before anybody asks. */
const OPENING_MS = 2 * MINUTE_MS;
/** Checkers of what changes with time alone look this often: worlds of a day have many moments. */
const TICK_MS = 5 * MINUTE_MS;
/** The longest reservation, its search before it and its end after. */
const CLOSING_MS = 10 * HOUR_MS;

class MarketWorld {
  readonly #options: MarketWorldOptions;
  readonly #stage: Stage;
  readonly #deployment: Deployment;
  readonly #chance: Chance;
  /** By the wish's name: whether the market could have served it when it was asked. */
  readonly #satisfiable = new Map<string, boolean>();
  readonly #unexpected: string[] = [];
  #openedAt = 0;

  constructor(options: MarketWorldOptions) {
    this.#options = options;
    this.#chance = createChance(options.seed);
    this.#stage = new Stage(planOf(options, this.#chance), options.seed);
    this.#deployment = new Deployment({
      stage: this.#stage,
      id: DEPLOYMENT_ID,
      checkers: [...ALL_CHECKERS, withinTheWish],
      trace: () => {},
    });
  }

  async run(): Promise<MarketReport> {
    const { hours } = this.#options;
    const { clock } = this.#stage;
    const wishes = drawDemand({ ...this.#options, chance: this.#chance.fork('demand') });
    await this.#deployment.lives.start();
    await clock.advance(OPENING_MS);
    this.#redraw(1);
    this.#tick();
    this.#openedAt = clock.now();
    for (const wish of wishes) clock.after(wish.atMs, () => void this.#ask(wish));
    await clock.advance(hours * HOUR_MS + MINUTE_MS);
    await this.#advanceUntil(() => !this.#isAnyOpen());
    await this.#close();
    return this.#report(wishes);
  }

  close(): Promise<void> {
    return this.#deployment.lives.close();
  }

  get #market(): SimMarket {
    return this.#stage.market;
  }

  async #ask(wish: Wish): Promise<void> {
    const { name, filter, reservationHours } = wish;
    this.#satisfiable.set(name, isSatisfiable(this.#market, wish));
    const request = {
      consumerId: name,
      choice: { kind: 'requirements', filter, prefer: 'expected_cost' },
      workloadType: 'training',
      workload: { kind: 'ssh' },
      readiness: 'gpu',
      replaces: true,
      reservationHours,
      idleThresholdMinutes: 0,
      diskGb: DISK_GB,
      ...(filter.maxPricePerHour === undefined ? {} : { maxPricePerHour: filter.maxPricePerHour }),
    } as const;
    for (let asked = 0; asked < MAX_ASKS; asked += 1) {
      try {
        await this.#deployment.broker?.sessions.create({ request });
        return;
      } catch (error) {
        if (!(error instanceof BrokerError)) this.#unexpected.push(String(error));
      }
      await new Promise<void>((resolve) => {
        this.#stage.clock.after(ASK_AGAIN_MS, resolve);
      });
    }
  }

  /** Some hosts turn into what they were not, or back. */
  #redraw(turn: number): void {
    const { mix } = this.#options;
    if (mix.redrawnEveryHours === null) return;
    const everyMs = HOUR_MS;
    const chance = this.#stage.chance.fork('market').fork('vices');
    this.#stage.clock.after(everyMs, () => {
      for (const host of [...this.#market.hosts('vastai'), ...this.#market.hosts('tensordock')]) {
        const draws = chance.fork(`redrawn ${fateOf(host, mix)} ${turn}`);
        if (!draws.hit(1 / (mix.redrawnEveryHours ?? 1))) continue;
        this.#market.changeNature(host.id, natureOf(host, { mix, chance, turn }));
      }
      this.#redraw(turn + 1);
    });
  }

  #tick(): void {
    this.#stage.clock.after(TICK_MS, () => {
      this.#deployment.witness.onTick();
      this.#tick();
    });
  }

  async #advanceUntil(isDone: () => boolean): Promise<void> {
    const { clock } = this.#stage;
    const startedMs = clock.monotonicMs();
    while (!isDone() && clock.monotonicMs() - startedMs < CLOSING_MS) {
      await clock.advance(MINUTE_MS);
    }
  }

  /** Nobody rents any more: what the checkers of every world's end look at. */
  async #close(): Promise<void> {
    this.#stage.heal();
    this.#deployment.course.wellAt = this.#stage.clock.now();
    await this.#advanceUntil(() => this.#deployment.lookForDoubts());
    await this.#advanceUntil(() => {
      this.#deployment.endAll();
      return this.#deployment.lookForLeftovers();
    });
    await this.#deployment.conclude();
  }

  #askedAt({ atMs }: Wish): number {
    return this.#openedAt + atMs;
  }

  #isAnyOpen(): boolean {
    return this.#deployment.books.sessions.some(({ status }) => !isTerminalStatus(status));
  }

  #report(wishes: readonly Wish[]): MarketReport {
    const { books, witness } = this.#deployment;
    return {
      served: wishes.map((wish) => ({
        wish,
        isSatisfiable: this.#satisfiable.get(wish.name) ?? false,
        course: courseOf(
          this.#market,
          books.sessions.filter(({ request }) => request.consumerId === wish.name),
          this.#askedAt(wish),
        ),
      })),
      violations: [
        ...witness.violations,
        ...this.#unexpected.map((message) => ({ checker: 'no surprises', message })),
      ],
    };
  }
}

function planOf({ mix, seed, hosts, strategy }: MarketWorldOptions, chance: Chance): Plan {
  const ranking = strategy.ranking?.(chance.fork('ranking'));
  return {
    ...CALM_PLAN,
    seed,
    // Hosts that are bad break the promises of a calm world, and nothing else does.
    isCalm: false,
    badShare: mix.badShare,
    mix,
    creditUsd: CREDIT_USD,
    apis: ['vastai', 'tensordock-v2'],
    hosts,
    policy: DEFAULT_POLICY,
    ...(ranking ? { ranking } : {}),
  };
}
