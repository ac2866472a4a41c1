import { ProviderFailure } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Recorder } from '../ports/recorder.ts';
import { type Loop, startLoop } from './loop.ts';

export interface AskingLoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  /** Between two answers, in milliseconds. */
  readonly intervalMs: number;
  /** Asks the provider once and keeps what it says. A provider's failure has been told of by the call itself. */
  readonly ask: () => Promise<void>;
}

/** A provider that fails is asked less and less often, down to one call in this many intervals. */
const MAX_BACKOFF_FACTOR = 8;

/** Asks a provider at once and then over and over, in the background. */
export function startAskingLoop(options: AskingLoopOptions): Loop {
  const { name, clock, random, recorder } = options;
  let failures = 0;
  return startLoop({
    name,
    clock,
    recorder,
    intervalMs: () => {
      const factor = Math.min(2 ** failures, MAX_BACKOFF_FACTOR);
      // Jitter of a tenth, so that several brokers on one account do not ask in step.
      return options.intervalMs * factor * (0.95 + random.next() / 10);
    },
    body: async () => {
      try {
        await options.ask();
        failures = 0;
      } catch (error) {
        failures += 1;
        if (!(error instanceof ProviderFailure)) throw error;
      }
    },
  });
}
