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
  /** On the way to a stop; undefined = that phase says nothing about the bill. */
  readonly stopping?: readonly PricePart[];
  /** While the machine's host is not heard from; undefined = that says nothing about the bill. */
  readonly away?: readonly PricePart[];
  /** Set where a sum that is told alone is what is charged at the moment; else it is what running was agreed to cost. */
  readonly isSumOfNow?: true;
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
  /** Its host is not heard from. */
  readonly isAway?: boolean;
  /** Its host may not have been heard from at the look before, and is now: a run that is told to be unbroken was not billed as one. */
  readonly isBack?: boolean;
  /** The look before this one, where it is known: what is new happened after it, and is dated to the middle. */
  readonly seenBefore?: EpochMs;
  /** The instance shows itself for the first time: the rate that it shows has held since its creation. */
  readonly isFirstLook: boolean;
}

/**
 * The price that the instance itself is billed at. Where the provider shows only a sum, the offer's own parts are kept and
 * the difference is put on the GPU, so that the parts always add up to the bill; on the disk, where the sum is that of a
 * machine whose disk alone is charged. A part that is not charged now keeps the price that it will be charged at.
 */
export function agreedPrice(
  offered: Price,
  seen: Pick<Observation, 'phase' | 'holdsGpus' | 'price' | 'totalPerHour'>,
  rule: BillingRule,
): Price {
  if (seen.price) return seen.price;
  if (seen.totalPerHour === undefined) return offered;
  const parts = rule.isSumOfNow ? chargedParts(rule, seen) : PRICE_PARTS;
  return parts ? withSum(offered, parts, seen.totalPerHour) : offered;
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
  const next = placed.map((line) => settle(line, { charged, rule, fact }));
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
  { phase, holdsGpus, isAway }: Pick<BillingFact, 'phase' | 'holdsGpus' | 'isAway'>,
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
      return rule.stopping;
    case 'unknown':
      return isAway ? rule.away : undefined;
  }
}

/** The price with these parts made to come to `sum`. */
function withSum(offered: Price, parts: readonly PricePart[], sum: MicroUsd): Price {
  const taker = parts.includes('gpu') ? 'gpu' : parts[0];
  if (taker === undefined) return offered;
  const rest = parts.reduce((others, part) => others + offered[part], -offered[taker]);
  if (sum >= rest) return { ...offered, [taker]: sum - rest };
  const nothing = Object.fromEntries(parts.map((part) => [part, 0]));
  return { ...offered, ...nothing, [taker]: sum };
}

interface Settling {
  readonly charged: readonly PricePart[];
  readonly rule: BillingRule;
  readonly fact: BillingFact;
}

function settle(line: CostEntry, { charged, rule, fact }: Settling): CostEntry {
  if (line.endedAt !== undefined) return line;
  if (!charged.includes(line.part)) return { ...line, endedAt: noticedAt(fact, line.startedAt) };
  const restart = restartWithin(line, rule, fact);
  if (restart !== undefined) return { ...line, endedAt: restart };
  if (line.rateMicroUsdPerHour === fact.price[line.part]) return line;
  return fact.isFirstLook || line.startedAt >= fact.at
    ? { ...line, rateMicroUsdPerHour: fact.price[line.part] }
    : { ...line, endedAt: noticedAt(fact, line.startedAt) };
}

/** When what this look shows for the first time is taken to have happened: half-way from the look before. */
function noticedAt({ at, seenBefore = at }: BillingFact, notBefore: EpochMs): EpochMs {
  const from = Math.max(Math.min(seenBefore, at), notBefore);
  return Math.max(from, Math.round((from + at) / 2));
}

/** When a part that is charged while running only ceased to be, where the machine stopped and runs again between two looks. */
function restartWithin(line: CostEntry, rule: BillingRule, fact: BillingFact): EpochMs | undefined {
  const { runningSince, seenBefore, at } = fact;
  if (runningSince === undefined || seenBefore === undefined) return undefined;
  const isWithin = line.startedAt < seenBefore && seenBefore < runningSince && runningSince <= at;
  if (!isWithin || !isOnlyWhileRunning(line.part, rule)) return undefined;
  return Math.round((seenBefore + runningSince) / 2);
}

function isOnlyWhileRunning(part: PricePart, rule: BillingRule): boolean {
  return rule.running.includes(part) && !rule.created.includes(part);
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
  const told = isOnlyWhileRunning(part, rule) && !fact.isBack ? fact.runningSince : undefined;
  const since = told ?? noticedAt(fact, 0);
  const starts = entries.map((line) => line.startedAt);
  const first = starts.length > 0 ? Math.min(...starts) : (fact.createdAt ?? since);
  // A look that is older than the last end must not charge anything twice.
  return Math.max(lastEnd, Math.min(fact.at, Math.max(since, first)));
}
