import type { SimClock, SimMs } from './model.ts';

/**
 * What is going to happen in the market, in order of time, then of entry. Whoever reads the market first runs what
 * is due, and each act is told its own due time: how often somebody looks changes neither states nor bills.
 */
export interface Agenda {
  /** Returns how to cross it out again. */
  enter(dueAt: SimMs, act: (at: SimMs) => void): () => void;
  runDue(): void;
}

interface Entry {
  readonly dueAt: SimMs;
  readonly act: (at: SimMs) => void;
}

export function createAgenda(clock: SimClock): Agenda {
  const entries: Entry[] = [];
  const runDue = (): void => {
    const now = clock.now();
    for (let next = entries[0]; next && next.dueAt <= now; next = entries[0]) {
      entries.shift();
      next.act(next.dueAt);
    }
  };
  const enter: Agenda['enter'] = (dueAt, act) => {
    const entry = { dueAt, act };
    const later = entries.findIndex((other) => other.dueAt > dueAt);
    entries.splice(later === -1 ? entries.length : later, 0, entry);
    const cancelWake = clock.after(Math.max(0, dueAt - clock.now()), runDue);
    return () => {
      cancelWake();
      const index = entries.indexOf(entry);
      if (index !== -1) entries.splice(index, 1);
    };
  };
  return { enter, runDue };
}
