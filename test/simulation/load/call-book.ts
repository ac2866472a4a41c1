import type { Clock } from '../../../src/ports/clock.ts';
import type { Note, ProviderOperation } from '../../../src/ports/recorder.ts';

/** One call that was made to a provider. */
export interface CallMade {
  readonly api: string;
  readonly operation: ProviderOperation;
  /** When somebody wanted it, and when it left. Milliseconds since the start of the world. */
  readonly askedMs: number;
  readonly sentMs: number;
  readonly waitedMs: number;
  readonly failure: string | undefined;
}

export interface CallBook {
  note(note: Note): void;
  /** Calls that left in `[fromMs, toMs)`. */
  between(fromMs: number, toMs: number): readonly CallMade[];
}

/** Every call by the adapters' own account, with the time for which each waited for its turn. */
export function callBook(clock: Clock): CallBook {
  const calls: CallMade[] = [];
  return {
    note: (note) => {
      if (note.kind !== 'provider_call') return;
      const { api, operation, waitedMs, durationMs, failure } = note;
      const sentMs = clock.monotonicMs() - durationMs;
      calls.push({ api, operation, sentMs, askedMs: sentMs - waitedMs, waitedMs, failure });
    },
    between: (fromMs, toMs) => calls.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs),
  };
}

/** Calls a minute, by API and operation. */
export function perMinute(
  calls: readonly CallMade[],
  spanMs: number,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { api, operation } of calls) {
    const name = `${api} ${operation}`;
    counts[name] = (counts[name] ?? 0) + 60_000 / spanMs;
  }
  return Object.fromEntries(
    Object.entries(counts)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, rate]) => [name, Math.round(rate * 10) / 10]),
  );
}

/** The value that this share of the values does not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
