import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * `closed`: all calls are made. `open`: only vital ones are. `half_open`: one read is under way to see whether the API answers
 * again.
 */
export type CircuitState = 'closed' | 'open' | 'half_open';

/**
 * `vital` calls are always made: they end machines, or prove that machines are gone. A `change` is never made to see whether
 * an API answers again: one that is lost may have happened.
 */
export type CallSort = 'vital' | 'read' | 'change';

/** So many in a row are no accident. */
export const FAULTS_TO_OPEN = 5;
/** Until the first try of an open circuit; twice as long before each next one. */
export const FIRST_PAUSE_MS = 15 * SECOND_MS;
export const LONGEST_PAUSE_MS = MINUTE_MS;

/**
 * Keeps calls from an API that does not answer: they would take up places at the rate gates, and launches would be in doubt
 * for minutes, one after the other. Whoever counts faults here counts only what the API is to blame for as a whole.
 */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #onChange: (state: CircuitState) => void;
  #state: CircuitState = 'closed';
  #faultsInARow = 0;
  #openings = 0;
  #tryAtMs = 0;
  #answeredAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, onChange: (state: CircuitState) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Whether such a call would be refused now. */
  refuses(sort: CallSort): boolean {
    if (sort === 'vital' || this.#state === 'closed') return false;
    return sort === 'change' || this.#state === 'half_open' || this.#isPausing();
  }

  /** Asked right before a call is made, which then has to end in {@link noteAnswer} or {@link noteFault}. */
  admits(sort: CallSort): boolean {
    if (this.refuses(sort)) return false;
    if (this.#state === 'open' && sort === 'read') this.#become('half_open');
    return true;
  }

  /** The API said something, whatever it was. */
  noteAnswer(): void {
    this.#answeredAtMs = this.#clock.monotonicMs();
    this.#faultsInARow = 0;
    this.#openings = 0;
    if (this.#state !== 'closed') this.#become('closed');
  }

  /** A call that was sent then failed as all would. What was sent before the last answer says nothing of now. */
  noteFault(sentMs: number): void {
    if (sentMs < this.#answeredAtMs) return;
    this.#faultsInARow += 1;
    const isBad = this.#state === 'closed' && this.#faultsInARow >= FAULTS_TO_OPEN;
    if (isBad || this.#state === 'half_open') this.#open();
  }

  #open(): void {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#openings, LONGEST_PAUSE_MS);
    this.#openings += 1;
    this.#tryAtMs = this.#clock.monotonicMs() + pauseMs;
    this.#become('open');
  }

  #isPausing(): boolean {
    return this.#clock.monotonicMs() < this.#tryAtMs;
  }

  #become(state: CircuitState): void {
    this.#state = state;
    this.#onChange(state);
  }
}
