import type { SimClock } from './model.ts';

/** Node fires a longer timer at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's own time, for a simulator that stands as a process of its own. A callback never comes early. */
export function realClock(): SimClock {
  // biome-ignore lint/plugin/no-ambient: this adapter is where the simulator's real time comes from.
  const now = (): number => Date.now();
  return { now, after: (delayMs, callback) => wakeAt(now, { at: now() + delayMs, callback }) };
}

interface Wake {
  readonly at: number;
  readonly callback: () => void;
}

function wakeAt(now: () => number, { at, callback }: Wake): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const leftMs = Math.min(Math.max(0, at - now()), MAX_TIMER_MS);
    // biome-ignore lint/style/noRestrictedGlobals: this adapter is where the simulator's real time comes from.
    timer = setTimeout(() => (now() >= at ? callback() : arm()), leftMs);
    // A market that waits for nothing but its own future must not keep the process alive.
    timer.unref();
  };
  arm();
  return () => clearTimeout(timer);
}
