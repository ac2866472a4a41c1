import type { Cancel, Clock } from '../ports/clock.ts';
import type { Recorder } from '../ports/recorder.ts';

export interface LoopOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly recorder: Recorder;
  /** Asked before each wait, so that jitter and back-off are the body's affair. Milliseconds. */
  readonly intervalMs: () => number;
  readonly body: () => Promise<void>;
}

export interface Loop {
  /** Runs the body now, or once more right after the run that is under way. */
  wake(): void;
  /** Resolves when no run is under way any more; none starts after. */
  stop(): Promise<void>;
}

/** Runs a body at once and then over and over, one run at a time. A body that throws is noted and run again. */
export function startLoop(options: LoopOptions): Loop {
  let running: Promise<void> | undefined;
  let isStopped = false;
  let isWokenAgain = false;
  let cancel: Cancel = () => {};

  const runOnce = async (): Promise<void> => {
    try {
      await options.body();
    } catch (error) {
      options.recorder.note({ kind: 'loop_failed', loop: options.name, error });
    }
  };
  const turn = (): void => {
    cancel();
    running = runOnce().then(() => {
      running = undefined;
      if (isStopped) return;
      const nextInMs = isWokenAgain ? 0 : options.intervalMs();
      options.recorder.note({ kind: 'loop_turned', loop: options.name, nextInMs });
      cancel = options.clock.after(nextInMs, turn);
      isWokenAgain = false;
    });
  };
  turn();
  return {
    wake: () => {
      if (isStopped) return;
      if (running !== undefined) isWokenAgain = true;
      else turn();
    },
    stop: async () => {
      isStopped = true;
      cancel();
      await running;
    },
  };
}
