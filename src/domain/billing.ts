import type { CostEntry } from './cost-entry.ts';
import type { InstancePhase, Observation } from './instance.ts';
import type { MicroUsd, Span } from './money.ts';
import { costOver, costWithin } from './money.ts';
import { PRICE_PARTS, type Price, type PricePart } from './offer.ts';
import type { EpochMs } from './time.ts';

/** Which parts a provider charges, from creation on, while running, and while stopped with the disk kept and the GPUs given back. */
export interface BillingRule {
  readonly created: readonly PricePart[];
  readonly running: readonly PricePart[];
  readonly stopped: readonly PricePart[];
}

/** What is known of an instance's bill at one moment. */
export interface BillingFact {
  readonly at: EpochMs;
  readonly phase: InstancePhase;
  readonly price: Price;
  readonly createdAt?: EpochMs;
  readonly runningSince?: EpochMs;
  /** It is stopped, and its GPUs are still held for it. */
  readonly holdsGpus?: true;
  /** The instance shows itself for the first time: the rate that it shows has held since its creation. */
  readonly isFirstLook: boolean;
}

/**
 * The price that the instance itself is billed at. Where the provider shows only a sum, the offer's own
 * parts are kept and the difference is put on the GPU, so that the parts always add up to the bill.
 */
export function agreedPrice(
  offered: Price,
  seen: Pick<Observation, 'price' | 'totalPerHour'>,
): Price {
  if (seen.price) return seen.price;
  if (seen.totalPerHour === undefined) return offered;
  const rest = offered.cpu + offered.ram + offered.disk;
  return seen.totalPerHour >= rest
    ? { ...offered, gpu: seen.totalPerHour - rest }
    : { gpu: seen.totalPerHour, cpu: 0, ram: 0, disk: 0 };
}

/** The lines that a new instance starts with: what is charged from creation on. */
export function openLedger(rule: BillingRule, price: Price, createdAt: EpochMs): CostEntry[] {
  return rule.created.map((part) => entry(part, price[part], createdAt));
}

/**
 * The ledger after a fact: parts that are charged in this phase are open at the current rate, all others are
 * closed. A creation time that the provider reports moves the first lines to it; a running time that lies
 * before the moment of looking opens the running parts from there, so that slow polling costs no accuracy.
 */
export function accrue(
  entries: readonly CostEntry[],
  rule: BillingRule,
  fact: BillingFact,
): readonly CostEntry[] {
  const placed =
    fact.isFirstLook && fact.createdAt !== undefined ? moveStart(entries, fact.createdAt) : entries;
  const charged = chargedParts(rule, fact);
  if (!charged) return placed;
  const next = placed.map((line) => settle(line, charged, fact));
  const open = new Set(next.filter((line) => line.endedAt === undefined).map((line) => line.part));
  for (const part of charged) {
    if (open.has(part)) continue;
    next.push(entry(part, fact.price[part], startOf(part, rule, next, fact)));
  }
  return next;
}

/** The ledger with every open line closed at `at`. */
export function closeLedger(entries: readonly CostEntry[], at: EpochMs): readonly CostEntry[] {
  return entries.map((line) =>
    line.endedAt === undefined ? { ...line, endedAt: Math.max(at, line.startedAt) } : line,
  );
}

/**
 * Undoes {@link closeLedger}: the lines that were closed last were closed too early and run on. Of one part only the
 * last line can, or a price that changed in the moment of the end would be charged beside its successor.
 */
export function reopenLedger(entries: readonly CostEntry[]): readonly CostEntry[] {
  const closedAt = Math.max(...entries.map((line) => line.endedAt ?? 0));
  return entries.map((line, index) => {
    const isLast = entries.findLastIndex((other) => other.part === line.part) === index;
    if (!isLast || line.endedAt !== closedAt) return line;
    const { endedAt: _tooEarly, ...open } = line;
    return open;
  });
}

/** What the lines come to so far. */
export function ledgerTotal(entries: readonly CostEntry[], now: EpochMs): MicroUsd {
  return entries.reduce(
    (sum, line) => sum + costOver(line.rateMicroUsdPerHour, (line.endedAt ?? now) - line.startedAt),
    0,
  );
}

/** What the lines come to inside a window. Windows that touch add up to {@link ledgerTotal} exactly. */
export function ledgerWithin(entries: readonly CostEntry[], window: Span, now: EpochMs): MicroUsd {
  return entries.reduce(
    (sum, line) =>
      sum +
      costWithin(
        line.rateMicroUsdPerHour,
        { from: line.startedAt, to: Math.max(line.endedAt ?? now, line.startedAt) },
        window,
      ),
    0,
  );
}

/** Micro-dollars an hour that are running up now. */
export function burnRate(entries: readonly CostEntry[]): MicroUsd {
  return entries.reduce(
    (sum, line) => sum + (line.endedAt === undefined ? line.rateMicroUsdPerHour : 0),
    0,
  );
}

/** True when two prices bill the same. */
export function samePrice(left: Price, right: Price): boolean {
  return PRICE_PARTS.every((part) => left[part] === right[part]);
}

function entry(part: PricePart, rateMicroUsdPerHour: MicroUsd, startedAt: EpochMs): CostEntry {
  return { part, rateMicroUsdPerHour, startedAt };
}

/** Undefined where the phase says nothing about the bill: then nothing changes. */
function chargedParts(
  rule: BillingRule,
  { phase, holdsGpus }: BillingFact,
): readonly PricePart[] | undefined {
  switch (phase) {
    case 'starting':
    case 'failed':
      return rule.created;
    case 'running':
      return rule.running;
    case 'stopped':
      return holdsGpus ? rule.running : rule.stopped;
    case 'stopping':
    case 'unknown':
      return undefined;
  }
}

function settle(line: CostEntry, charged: readonly PricePart[], fact: BillingFact): CostEntry {
  if (line.endedAt !== undefined) return line;
  if (!charged.includes(line.part)) return { ...line, endedAt: Math.max(fact.at, line.startedAt) };
  if (line.rateMicroUsdPerHour === fact.price[line.part]) return line;
  return fact.isFirstLook || line.startedAt >= fact.at
    ? { ...line, rateMicroUsdPerHour: fact.price[line.part] }
    : { ...line, endedAt: Math.max(fact.at, line.startedAt) };
}

function moveStart(entries: readonly CostEntry[], createdAt: EpochMs): readonly CostEntry[] {
  const first = Math.min(...entries.map((line) => line.startedAt));
  if (entries.length === 0 || first === createdAt) return entries;
  return entries.map((line) =>
    line.startedAt === first || line.startedAt < createdAt
      ? { ...line, startedAt: Math.min(createdAt, line.endedAt ?? createdAt) }
      : line,
  );
}

/** A part's line starts where its last one ended for good reason only: at the running time, else at the look. */
function startOf(
  part: PricePart,
  rule: BillingRule,
  entries: readonly CostEntry[],
  fact: BillingFact,
): EpochMs {
  const ends = entries.flatMap((line) =>
    line.part === part && line.endedAt !== undefined ? [line.endedAt] : [],
  );
  const lastEnd = Math.max(0, ...ends);
  const onlyWhileRunning = rule.running.includes(part) && !rule.created.includes(part);
  const since = onlyWhileRunning && fact.runningSince !== undefined ? fact.runningSince : fact.at;
  const starts = entries.map((line) => line.startedAt);
  const first = starts.length > 0 ? Math.min(...starts) : (fact.createdAt ?? since);
  return Math.min(fact.at, Math.max(since, lastEnd, first));
}
