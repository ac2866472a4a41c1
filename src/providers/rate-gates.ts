import type { Clock } from '../ports/clock.ts';
import { RateGate, type RateLimit } from './rate-gate.ts';
import type { Priority } from './waiting-line.ts';

/** What of a call decides where and how it waits. */
export interface GatedCall {
  readonly priority: Priority;
  /** By name; a call passes all of them, one after the other. The first is its endpoint's own. */
  readonly gates: readonly string[];
}

/** A call that the provider refused for its rate. */
export interface Throttled {
  /** On the monotonic clock. */
  readonly sentMs: number;
  /** How long the provider asks to wait; 0 when it does not say. */
  readonly waitMs: number;
  /** The interval between two calls that the provider says it wants. */
  readonly intervalMs: number | undefined;
}

/** All limits of one API, by name. */
export class RateGates {
  readonly #gates: ReadonlyMap<string, RateGate>;

  constructor(clock: Clock, limits: Readonly<Record<string, RateLimit | number>>) {
    this.#gates = new Map(
      Object.entries(limits).map(([name, limit]) => [name, new RateGate(clock, limit)]),
    );
  }

  /** Resolves when the call may be sent, or at once to `full` when too many wait already; a terminate always waits. */
  async pass({ gates, priority }: GatedCall): Promise<'open' | 'full'> {
    for (const gate of this.#of(gates)) {
      if (gate.isFull && priority !== 'terminate') return 'full';
      await gate.pass(priority);
    }
    return 'open';
  }

  /** Returns what was learnt of the endpoint, when that is news. */
  refuse(
    { gates }: GatedCall,
    { intervalMs, ...refused }: Throttled,
  ): { readonly gate: string; readonly intervalMs: number } | undefined {
    for (const gate of this.#of(gates)) gate.refuse(refused);
    const [gate = ''] = gates;
    const learntMs =
      intervalMs === undefined ? undefined : this.#gates.get(gate)?.learn(intervalMs);
    return learntMs === undefined ? undefined : { gate, intervalMs: learntMs };
  }

  /** The provider took the call, or refused it for another reason than its rate. */
  accept({ gates }: GatedCall, sentMs: number): void {
    for (const gate of this.#of(gates)) gate.accept(sentMs);
  }

  #of(names: readonly string[]): readonly RateGate[] {
    return names.map((name) => {
      const gate = this.#gates.get(name);
      if (!gate) throw new Error(`no rate gate named ${name}`);
      return gate;
    });
  }
}
