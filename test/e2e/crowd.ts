import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../src/simulator/model.ts';
import { LOOK_EVERY_MS, Order } from './order.ts';
import { drawOffer, drawPlan } from './order-plan.ts';

export interface CrowdOptions {
  readonly url: string;
  readonly now: () => number;
  readonly deploymentId: string;
  readonly chance: Chance;
  /** How many consumers there are at a time. */
  readonly size: number;
}

/**
 * Consumers that keep one broker busy: each rents, waits, uses and ends one session after another, and asks again for as
 * long as it gets no answer.
 */
export class Crowd {
  readonly orders: Order[] = [];
  /** What no consumer should ever see. */
  readonly complaints: string[] = [];
  readonly #options: CrowdOptions;
  readonly #consumers: readonly Promise<void>[];
  #isClosing = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#consumers = Array.from({ length: options.size }, (_, index) =>
      this.#consume(index).catch((error: unknown) => {
        this.complaints.push(`consumer ${index} gave up: ${String(error)}`);
      }),
    );
  }

  /** No new orders; resolves when those that are under way have gone their way. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(this.#consumers);
  }

  /** Asks for the end of everything that was ever rented, until it is confirmed. */
  async endAll(): Promise<void> {
    await Promise.all(this.orders.map((order) => endFor(order)));
  }

  /** Sends each order once more. */
  async askAgain(): Promise<void> {
    const rented = this.orders.filter(({ sessionId }) => sessionId !== undefined);
    for (const order of rented) await order.rent();
  }

  async #consume(index: number): Promise<void> {
    const { url, now, deploymentId } = this.#options;
    const chance = this.#options.chance.fork(`consumer ${index}`);
    for (let count = 0; !this.#isClosing; count += 1) {
      const offerId = await drawOffer(url, chance);
      if (offerId === undefined) {
        await sleep(LOOK_EVERY_MS);
        continue;
      }
      const plan = drawPlan(chance, { offerId, isFirst: count === 0 });
      const order = new Order(
        { url, now, complain: (complaint) => this.complaints.push(complaint) },
        { key: `${deploymentId}/${index}/${count}`, plan },
      );
      this.orders.push(order);
      await this.#goThrough(order);
    }
  }

  async #goThrough(order: Order): Promise<void> {
    const { ending, isExtended, looks } = order.plan;
    if (!(await rentAs(order))) return;
    if (!(await this.#untilRunning(order))) return;
    if (isExtended) await order.extend();
    for (let look = 0; look < looks && !this.#isClosing; look += 1) {
      await sleep(LOOK_EVERY_MS);
      await order.look();
    }
    if (ending === 'done') await order.done();
    if (ending === 'delete') await order.destroy();
  }

  async #untilRunning(order: Order): Promise<boolean> {
    while (!this.#isClosing) {
      const session = await order.look();
      if (session?.status === 'running') return true;
      if (session?.status !== 'pending' && session?.status !== 'provisioning') return false;
      await sleep(LOOK_EVERY_MS);
    }
    return false;
  }
}

async function rentAs(order: Order): Promise<boolean> {
  let isAnswered = false;
  const renting = order.rent().finally(() => {
    isAnswered = true;
  });
  if (order.plan.ending === 'delete in the middle') {
    await order.destroyWhileRenting(() => isAnswered);
  }
  return renting;
}

/** Each try waits for the confirmation for a while, so that these are many minutes of the broker's time. */
const MAX_END_TRIES = 200;

async function endFor(order: Order): Promise<void> {
  if (order.sessionId === undefined) return;
  for (let tries = 0; tries < MAX_END_TRIES; tries += 1) {
    if (await order.destroy()) return;
  }
}
