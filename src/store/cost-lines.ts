import type { CostEntry } from '../domain/cost-entry.ts';
import type { ProviderName, SessionId } from '../domain/ids.ts';
import { costWithin, type MicroUsd, type Span } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { CostRow } from '../ports/store.ts';

/** A line of the ledger with what it was charged for. */
export interface ChargedLine {
  readonly sessionId: SessionId;
  readonly provider: ProviderName;
  readonly gpuType: string;
  readonly part: CostEntry['part'];
  readonly rateMicroUsdPerHour: CostEntry['rateMicroUsdPerHour'];
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | null;
}

interface ChargedGroup extends Omit<CostRow, 'cost' | 'billedMs'> {
  cost: MicroUsd;
  readonly spans: Span[];
}

interface Charge {
  readonly charged: Span;
  readonly inside: Span;
  readonly window: Span;
}

/** What the lines come to within the window, for each session, provider and GPU type; open lines up to `now`. */
export function sumLines(
  lines: Iterable<ChargedLine>,
  window: Span,
  now: EpochMs,
): readonly CostRow[] {
  const groups = new Map<string, ChargedGroup>();
  for (const line of lines) {
    const charged = { from: line.startedAt, to: Math.max(line.endedAt ?? now, line.startedAt) };
    const inside = clip(charged, window);
    if (inside.from < inside.to) addLine(groups, line, { charged, inside, window });
  }
  return [...groups.values()].map(({ spans, ...row }) => ({ ...row, billedMs: unionMs(spans) }));
}

function addLine(groups: Map<string, ChargedGroup>, line: ChargedLine, charge: Charge): void {
  const { sessionId, provider, gpuType } = line;
  const key = JSON.stringify([sessionId, provider, gpuType]);
  const group = groups.get(key) ?? { sessionId, provider, gpuType, cost: 0, spans: [] };
  group.cost += costWithin(line.rateMicroUsdPerHour, charge.charged, charge.window);
  // A disk that is kept, or that waits for its machine to boot, is paid for and not used.
  if (line.part === 'gpu') group.spans.push(charge.inside);
  groups.set(key, group);
}

function clip(span: Span, window: Span): Span {
  return { from: Math.max(span.from, window.from), to: Math.min(span.to, window.to) };
}

/** Length of all spans together, time that several cover counted once: a session's instances may overlap. */
function unionMs(spans: readonly Span[]): number {
  let totalMs = 0;
  let coveredTo = Number.NEGATIVE_INFINITY;
  for (const span of spans.toSorted((left, right) => left.from - right.from)) {
    totalMs += Math.max(0, span.to - Math.max(span.from, coveredTo));
    coveredTo = Math.max(coveredTo, span.to);
  }
  return totalMs;
}
