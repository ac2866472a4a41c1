/**
 * Who goes first when calls wait for the same gate. Ending a machine is never behind anything. A list goes before looks at
 * single machines: it is a few calls a minute for all sessions, and enough machines that are asked about one by one would
 * else keep it waiting for as long as they boot.
 */
export const PRIORITIES = ['terminate', 'launch', 'list', 'status', 'search'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Calls of a sort that has had no turn for so long are overdue. */
export const PATIENCE_MS = 10_000;
/** One pass in this many goes to a sort of call that is overdue, whatever else waits: nothing starves behind what is urgent. */
export const OVERDUE_TURN_EVERY = 8;

type Go = () => void;

/** Calls of one priority, in order of arrival. */
interface Row {
  readonly priority: Priority;
  readonly waiters: { readonly go: Go; readonly joinedMs: number }[];
  /** When the last of them went. */
  servedMs: number;
}

/** Calls that wait for their turn. */
export class WaitingLine {
  readonly #rows: readonly Row[] = PRIORITIES.map((priority) => ({
    priority,
    waiters: [],
    servedMs: Number.NEGATIVE_INFINITY,
  }));
  #passesSinceOverdueTurn = 0;

  get size(): number {
    return this.#rows.reduce((sum, { waiters }) => sum + waiters.length, 0);
  }

  has(priority: Priority): boolean {
    return this.#row(priority).waiters.length > 0;
  }

  join(priority: Priority, nowMs: number, go: Go): void {
    this.#row(priority).waiters.push({ go, joinedMs: nowMs });
  }

  /** Takes out whose turn it is: the most urgent, but for the turns that are kept for the overdue. */
  next(nowMs: number): Go | undefined {
    const waiting = this.#rows.filter(({ waiters }) => waiters.length > 0);
    const [first, ...others] = waiting;
    this.#passesSinceOverdueTurn += 1;
    const overdue =
      this.#passesSinceOverdueTurn >= OVERDUE_TURN_EVERY
        ? longestWithout(others, nowMs)
        : undefined;
    if (overdue) this.#passesSinceOverdueTurn = 0;
    return take(overdue ?? first, nowMs);
  }

  /** Takes out the first of one priority, whoever else waits. */
  nextOf(priority: Priority, nowMs: number): Go | undefined {
    return take(this.#row(priority), nowMs);
  }

  #row(priority: Priority): Row {
    const row = this.#rows.find((one) => one.priority === priority);
    if (!row) throw new Error(`no calls have the priority ${priority}`);
    return row;
  }
}

function longestWithout(rows: readonly Row[], nowMs: number): Row | undefined {
  return rows
    .filter((row) => nowMs - lastTurnMs(row) >= PATIENCE_MS)
    .toSorted((left, right) => lastTurnMs(left) - lastTurnMs(right))[0];
}

/** A sort of call that nobody asked for had no need of a turn. */
function lastTurnMs({ waiters, servedMs }: Row): number {
  return Math.max(servedMs, waiters[0]?.joinedMs ?? servedMs);
}

function take(row: Row | undefined, nowMs: number): Go | undefined {
  const waiter = row?.waiters.shift();
  if (row && waiter) row.servedMs = nowMs;
  return waiter?.go;
}
