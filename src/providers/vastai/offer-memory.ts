import type { EpochMs } from '../../domain/time.ts';
import type { Absence } from './offer-place.ts';
import type { OfferRow } from './wire.ts';

export interface SeenRow {
  readonly row: OfferRow;
  readonly seenAt: EpochMs;
}

/** What earlier searches found, each row for as long as nothing says that it is gone, and no longer than the menu would show it. */
export interface OfferMemory {
  /** Rows of one answer, and what it says of those that it does not hold. */
  learn(rows: readonly OfferRow[], absence: (row: OfferRow) => Absence): void;
  /** This offer cannot be had. */
  forget(askId: number): void;
  /** It was rented: other slices of its machine overlap with it, and whether they are left the next search tells. */
  forgetMachineOf(askId: number): void;
  all(): readonly SeenRow[];
}

/** The whole market is some 1,400 listings (2026). */
const MAX_ROWS = 10_000;
/** So many answers in a row that were not full have to lack a row before it is given up. */
const MAX_MISSED = 2;

interface Remembered extends SeenRow {
  readonly missed: number;
}

export function createOfferMemory(now: () => EpochMs, keptMs: number): OfferMemory {
  const rows = new Map<number, Remembered>();

  function doubt(id: number, seen: Remembered, absence: Absence): void {
    const missed = seen.missed + (absence === 'likely' ? 1 : 0);
    if (absence === 'sure' || missed >= MAX_MISSED) rows.delete(id);
    else rows.set(id, { ...seen, missed });
  }

  function keep(row: OfferRow, seenAt: EpochMs): void {
    rows.delete(row.id);
    rows.set(row.id, { row, seenAt, missed: 0 });
    const [oldest] = rows.keys();
    if (rows.size > MAX_ROWS && oldest !== undefined) rows.delete(oldest);
  }

  return {
    learn(found, absence) {
      const present = new Set(found.map(({ id }) => id));
      for (const [id, seen] of [...rows]) if (!present.has(id)) doubt(id, seen, absence(seen.row));
      const seenAt = now();
      for (const row of found) keep(row, seenAt);
    },
    forget: (askId) => void rows.delete(askId),
    forgetMachineOf(askId) {
      const machineId = rows.get(askId)?.row.machine_id;
      rows.delete(askId);
      if (typeof machineId !== 'number') return;
      for (const [id, { row }] of [...rows]) if (row.machine_id === machineId) rows.delete(id);
    },
    all() {
      // A wall clock that was set back must not make a row young again.
      const isKept = ({ seenAt }: SeenRow): boolean => Math.abs(now() - seenAt) <= keptMs;
      for (const [id, seen] of [...rows]) if (!isKept(seen)) rows.delete(id);
      return [...rows.values()];
    },
  };
}
