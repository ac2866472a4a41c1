import { costOver, type MicroUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { AccountStatement } from '../ports/provider.ts';

/**
 * By how much an account has fallen, beside what this broker says that its own machines ran up meanwhile. A marketplace does not
 * say which machine a balance fell for, so the difference is of the account as a whole: traffic, other people's machines, or one
 * that nobody here knows of.
 */
export interface Spending {
  /** Since when the two are counted: the first reading of the balance by this process. */
  readonly since: EpochMs;
  /** Micro-dollars that the balance fell; what was paid in is not counted against it. */
  readonly spent: MicroUsd;
  /** Micro-dollars that our own machines ran up in the same spans. */
  readonly expected: MicroUsd;
}

interface Reading {
  readonly amount: MicroUsd;
  /** What our machines have run up since it. */
  readonly runUp: MicroUsd;
}

/** Compares one account's readings. A span in which it rose was paid into, and says nothing of what was spent. */
export class SpendingMeter {
  #last: Reading | undefined;
  #burn: { readonly perHour: MicroUsd; readonly at: EpochMs } | undefined;
  #spending: Spending | undefined;

  get spending(): Spending | undefined {
    return this.#spending;
  }

  /** What our machines run up from now on, in micro-dollars an hour. */
  burns(perHour: MicroUsd, at: EpochMs): void {
    this.#runUpTo(at);
    this.#burn = { perHour, at };
  }

  reads({ amount }: AccountStatement, at: EpochMs): void {
    this.#runUpTo(at);
    const last = this.#last;
    // Without knowing what ran up, a fall has nothing to be held against.
    this.#last = this.#burn && { amount, runUp: 0 };
    if (!last || !this.#burn) return;
    this.#spending ??= { since: at, spent: 0, expected: 0 };
    if (amount > last.amount) return;
    this.#spending = {
      since: this.#spending.since,
      spent: this.#spending.spent + last.amount - amount,
      expected: this.#spending.expected + last.runUp,
    };
  }

  #runUpTo(at: EpochMs): void {
    if (!this.#burn) return;
    const added = costOver(this.#burn.perHour, Math.max(0, at - this.#burn.at));
    this.#burn = { ...this.#burn, at };
    if (this.#last) this.#last = { ...this.#last, runUp: this.#last.runUp + added };
  }
}
