import { burnRate, ledgerTotal, openLedger } from '../../src/domain/billing.ts';
import type { Instance, Observation } from '../../src/domain/instance.ts';
import type { Transition } from '../../src/domain/lifecycle/change.ts';
import { recordGone } from '../../src/domain/lifecycle/ending.ts';
import { recordLook } from '../../src/domain/lifecycle/serving.ts';
import { recordTakenWish, type TakenWish } from '../../src/domain/lifecycle/taken-wish.ts';
import type { Session } from '../../src/domain/session.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { HandClock } from '../simulator/hand-clock.ts';
import { instance, offer, session } from '../support/builders.ts';

export interface LifeParts {
  readonly clock: HandClock;
  readonly market: SimMarket;
  readonly provider: Provider;
  /** Between two looks, in milliseconds. */
  readonly watchMs: number;
}

const DISK_GB = 100;

/**
 * One instance at the simulated market, and the broker's books of it: looks at fixed intervals through the real adapter, taken in by
 * the lifecycle's own transitions. Where nothing has changed at the market, the look that would show nothing new is left out.
 */
export class LifeOnMarket {
  readonly #parts: LifeParts;
  readonly #id: string;
  #session: Session;
  #seenAt: number | undefined;
  #nextLookAt: number;
  #shown = '';
  #rate: number;
  #doubt = 0;

  constructor(
    parts: LifeParts,
    rented: { readonly id: string; readonly price: Instance['price'] },
  ) {
    const { clock, provider, watchMs } = parts;
    this.#parts = parts;
    this.#id = rented.id;
    this.#rate = trueRate(parts.market, rented.id);
    const offered = offer({
      provider: provider.name,
      api: provider.api,
      price: rented.price,
      diskMicroUsdPerGbHour: rented.price.disk / DISK_GB,
    });
    this.#session = session({
      instances: [
        instance({
          offer: offered,
          diskGb: DISK_GB,
          state: 'launched',
          phase: 'starting',
          providerInstanceId: rented.id,
          launchedAt: clock.now(),
          price: rented.price,
          costs: openLedger(provider.billing, rented.price, clock.now()),
        }),
      ],
    });
    this.#nextLookAt = clock.now() + watchMs;
  }

  get booked(): number {
    return ledgerTotal(this.instance.costs, this.#parts.clock.now());
  }

  /** By how many micro-dollars the ledger may be off, since nobody tells when in between two looks something happened. */
  get doubt(): number {
    return this.#doubt;
  }

  get instance(): Instance {
    const [only] = this.#session.instances;
    if (!only) throw new Error('the session has lost its instance');
    return only;
  }

  /** Time passes, with a look at each interval. */
  async watch(durationMs: number): Promise<void> {
    const { clock, watchMs } = this.#parts;
    const until = clock.now() + durationMs;
    while (this.#nextLookAt <= until) {
      clock.advance(this.#nextLookAt - clock.now());
      this.#nextLookAt += watchMs;
      await this.#look();
    }
    clock.advance(until - clock.now());
  }

  /** Time passes and nobody looks; what was seen before is forgotten with the process. */
  miss(durationMs: number): void {
    const { clock, watchMs } = this.#parts;
    clock.advance(durationMs);
    this.#seenAt = undefined;
    this.#shown = '';
    this.#nextLookAt = clock.now() + (watchMs >> 1);
  }

  /** The provider has taken our wish that it stop or start. */
  noteTaken(phase: TakenWish['phase']): void {
    const { clock, provider } = this.#parts;
    if (phase === 'starting') this.#doubt += this.#unseenRest();
    const { costs: before } = this.instance;
    this.#apply(recordTakenWish(0, { phase, at: clock.now(), rule: provider.billing }));
    if (this.instance.costs !== before) this.#rateChange();
  }

  /** Asked again and again until the provider does not know it any more, as the broker's own steps do. */
  async end(): Promise<void> {
    const { clock, provider } = this.#parts;
    await this.#lookOnceMore();
    for (let asks = 0; asks < 20; asks += 1) {
      await provider.terminate(this.#id);
      const at = clock.now();
      if (!(await provider.get(this.#id))) {
        // What an earlier call has ended was there still at the last look.
        const seenAt = this.#seenAt ?? at;
        const endedAt = asks === 0 ? at : Math.round((seenAt + at) / 2);
        this.#doubt += (this.#rate * Math.max(0, endedAt - seenAt)) / HOUR_MS;
        this.#apply(recordGone(0, { at, endedAt }));
        return;
      }
      this.#seenAt = at;
      await this.watch(2_000 * 2 ** asks);
    }
    throw new Error('it does not end');
  }

  /** It may have been at rest for as long as nobody has looked, and charged for less than is booked. */
  #unseenRest(): number {
    const { clock, provider } = this.#parts;
    const { stopped } = provider.billing;
    const ceases = this.instance.costs.filter(({ part }) => !stopped.includes(part));
    return (burnRate(ceases) * (clock.now() - (this.#seenAt ?? clock.now()))) / HOUR_MS;
  }

  async #lookOnceMore(): Promise<void> {
    if (this.instance.phase !== 'starting' && this.instance.phase !== 'unknown') return;
    await this.#take(await this.#parts.provider.get(this.#id));
  }

  async #look(): Promise<void> {
    const { clock, market } = this.#parts;
    const now = shownBy(market, this.#id);
    if (market.instance(this.#id)?.state === 'gone') return;
    if (now !== this.#shown) {
      const listed = await this.#parts.provider.list();
      await this.#take(listed.find(({ id }) => id === this.#id));
    }
    this.#shown = now;
    this.#seenAt = clock.now();
  }

  async #take(observation: Observation | undefined): Promise<void> {
    if (!observation) return;
    const { clock, provider } = this.#parts;
    const look = { observation, at: clock.now(), rule: provider.billing };
    const seenBefore = this.#seenAt;
    this.#apply(recordLook(0, { ...look, ...(seenBefore === undefined ? {} : { seenBefore }) }));
    const { runningSince } = observation;
    const change = this.#rateChange();
    if (seenBefore === undefined || (runningSince ?? 0) > seenBefore) return;
    this.#doubt += (change * (look.at - seenBefore)) / 2 / HOUR_MS;
  }

  /** By how much more or less an hour costs than at the last look or wish. */
  #rateChange(): number {
    const before = this.#rate;
    this.#rate = trueRate(this.#parts.market, this.#id);
    return Math.abs(this.#rate - before);
  }

  #apply(transition: Transition): void {
    this.#session = transition(this.#session)?.session ?? this.#session;
  }
}

/** Micro-dollars an hour that run up in truth. */
function trueRate(market: SimMarket, id: string): number {
  const { gpu, cpu, ram, disk } = market.rate(id);
  return Math.round((gpu + cpu + ram + disk) * 1e6);
}

/** All that a list can show differently from the last one, apart from what only counts time. */
function shownBy(market: SimMarket, id: string): string {
  const { state, stateSince, released } = market.instance(id) ?? {};
  return JSON.stringify([state, stateSince, released, market.rate(id)]);
}
