import type { SimClock } from './model.ts';

/** Node fires a longer timer at once. */
const MAX_TIMER_MS = 2_147_483_647;

export interface RealClockOptions {
  /** 1 is the machine's own pace; 20 lets a minute pass in three seconds. */
  readonly speed: number;
  /** The instant, in milliseconds, at which this time and the machine's agree; processes that talk share it. */
  readonly originMs: number;
}

/** The machine's time, for a simulator that stands as a process of its own. A callback never comes early. */
export function realClock({ speed, originMs }: RealClockOptions): SimClock {
  const now = (): number => {
    // biome-ignore lint/plugin/no-ambient: this adapter is where the simulator's real time comes from.
    const machineMs = Date.now();
    return originMs + Math.floor((machineMs - originMs) * speed);
  };
  return {
    now,
    after: (delayMs, callback) => wakeAt({ now, speed }, { at: now() + delayMs, callback }),
  };
}

interface Wake {
  readonly at: number;
  readonly callback: () => void;
}

function wakeAt(
  { now, speed }: { readonly now: () => number; readonly speed: number },
  { at, callback }: Wake,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const leftMs = Math.min(Math.max(0, (at - now()) / speed), MAX_TIMER_MS);
    // biome-ignore lint/style/noRestrictedGlobals: this adapter is where the simulator's real time comes from.
    timer = setTimeout(() => (now() >= at ? callback() : arm()), leftMs);
    // A market that waits for nothing but its own future must not keep the process alive.
    timer.unref();
  };
  arm();
  return () => clearTimeout(timer);
}
