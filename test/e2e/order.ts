import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderPlan } from './order-plan.ts';
import { type Answer, askUntilAnswered } from './patient-caller.ts';

/** What the API shows of a session, as far as it matters here. */
export interface ShownSession {
  readonly id: string;
  readonly consumer_id: string;
  readonly status: string;
  readonly stop_reason?: string;
  readonly cost_so_far: number;
}

interface CreateAnswer {
  readonly session?: ShownSession;
  readonly ssh_private_key?: string;
}

export interface OrderParts {
  readonly url: string;
  readonly now: () => number;
  /** Told of what no consumer should ever see. */
  readonly complain: (complaint: string) => void;
}

/** How often a consumer looks who waits for something. */
export const LOOK_EVERY_MS = 250;

/** Under each `Idempotency-Key` one order is made, and a consumer of its own makes it, so that both can be counted. */
export class Order {
  readonly key: string;
  readonly plan: OrderPlan;
  readonly #url: string;
  readonly #body: string;
  readonly #now: () => number;
  readonly #complain: (complaint: string) => void;
  #sessionId: string | undefined;
  #privateKey: string | undefined;
  #isRented = false;
  #endAskedAt: number | undefined;

  constructor(
    { url, now, complain }: OrderParts,
    { key, plan }: { readonly key: string; readonly plan: OrderPlan },
  ) {
    this.key = key;
    this.plan = plan;
    this.#url = url;
    this.#now = now;
    this.#complain = complain;
    this.#body = JSON.stringify({
      consumer_id: key,
      workload_type: 'ssh',
      reservation_hours: 1,
      disk_gb: 10,
      // A broker that is dead most of the time must not give up what only it is late for.
      ssh_timeout_minutes: 60,
      ...plan.choice,
    });
  }

  get sessionId(): string | undefined {
    return this.#sessionId;
  }

  /** When the consumer first asked for the end, whatever came of it. */
  get endAskedAt(): number | undefined {
    return this.#endAskedAt;
  }

  /** Rents, or learns what came of it; the same again and again. False when nothing was rented. */
  async rent(): Promise<boolean> {
    const times = this.plan.isAskedTwice ? [1, 2] : [1];
    const rented = await Promise.all(times.map(() => this.#create()));
    return rented.includes(true);
  }

  async look(): Promise<ShownSession | undefined> {
    const id = this.#sessionId;
    if (id === undefined) return undefined;
    const { status, body } = await this.#ask<ShownSession>('GET', `/sessions/${id}`);
    if (status === 200 && body.id === id) return body;
    this.#complain(`${id} was there and is answered with ${status}`);
    return undefined;
  }

  async extend(): Promise<void> {
    const path = `/sessions/${this.#sessionId}/extend`;
    const { status } = await this.#ask('POST', path, JSON.stringify({ additional_hours: 1 }));
    this.#expect(path, status, [200, 409]);
  }

  async done(): Promise<void> {
    this.#endAskedAt ??= this.#now();
    const path = `/sessions/${this.#sessionId}/done`;
    const { status } = await this.#ask('POST', path);
    this.#expect(path, status, [200, 409]);
  }

  /** True once the broker says that the machine is gone. */
  async destroy(): Promise<boolean> {
    this.#endAskedAt ??= this.#now();
    const path = `/sessions/${this.#sessionId}`;
    const { status } = await this.#ask('DELETE', path);
    this.#expect(path, status, [200, 202]);
    return status === 200;
  }

  /** What a consumer does who has no answer yet and thinks better of it. */
  async destroyWhileRenting(isRented: () => boolean): Promise<void> {
    while (this.#sessionId === undefined && !isRented()) {
      const path = `/sessions?consumer_id=${encodeURIComponent(this.key)}`;
      const { body } = await this.#ask<{ sessions: ShownSession[] }>('GET', path);
      const [found] = body.sessions;
      if (found) this.#learn(found.id, this.#privateKey);
      else await sleep(LOOK_EVERY_MS);
    }
    if (this.#sessionId !== undefined) await this.destroy();
  }

  async #create(): Promise<boolean> {
    const { status, body } = await askUntilAnswered<CreateAnswer>(this.#url, {
      method: 'POST',
      path: '/sessions',
      body: this.#body,
      idempotencyKey: this.key,
    });
    if (status !== 201) {
      this.#expect('/sessions', status, this.#isRented ? [] : REFUSALS);
      return false;
    }
    if (!body.ssh_private_key) this.#complain(`${this.key} was given no private key`);
    this.#isRented = true;
    this.#learn(body.session?.id, body.ssh_private_key);
    return true;
  }

  /** What was once answered stays the answer. */
  #learn(id: string | undefined, privateKey: string | undefined): void {
    if (this.#sessionId !== undefined && id !== this.#sessionId) {
      this.#complain(`${this.key} is both ${this.#sessionId} and ${id}`);
    }
    if (this.#privateKey !== undefined && privateKey !== this.#privateKey) {
      this.#complain(`${this.key} was given two private keys`);
    }
    this.#sessionId ??= id;
    this.#privateKey ??= privateKey;
  }

  #ask<Body>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: string,
  ): Promise<Answer<Body>> {
    return askUntilAnswered(this.#url, { method, path, ...(body === undefined ? {} : { body }) });
  }

  #expect(path: string, status: number, expected: readonly number[]): void {
    if (!expected.includes(status)) this.#complain(`${path} of ${this.key} answered ${status}`);
  }
}

/** Taken by somebody else, off the menu, or nothing that fits. */
const REFUSALS = [404, 422, 503];
