import type { EpochMs } from '../domain/time.ts';

/** Cancels what was scheduled; calling it late or twice does nothing. */
export type Cancel = () => void;

/** The only source of time. Production reads the machine; the simulator turns it by hand. */
export interface Clock {
  /** Wall-clock time: for what is stored and shown. May jump. */
  now(): EpochMs;
  /** Milliseconds that never jump: for spans inside one process, such as deadlines and rate limits. */
  monotonicMs(): number;
  /** Runs `callback` once, `delayMs` from now. Callbacks never throw. */
  after(delayMs: number, callback: () => void): Cancel;
}
