import type { ApiPlace, ProviderApi, ProviderInstanceId, ProviderName, Tag } from './ids.ts';
import type { MicroUsd } from './money.ts';
import type { Policy } from './policy.ts';
import type { Claim, OwnInstance } from './reconciliation.ts';
import type { EpochMs } from './time.ts';

/** `<api>-<the provider's own id>`: what a person names an orphan by. */
export type OrphanId = string;

/**
 * `ending` is asked to end at every sweep until the provider says that it does not exist; `held` waits for a person's
 * word; `ignored` is left alone, by a person's word.
 */
export const ORPHAN_STATES = ['ending', 'held', 'ignored'] as const;
export type OrphanState = (typeof ORPHAN_STATES)[number];

/**
 * Why an orphan is not ended without being asked: sweeps only look; there are more than one sweep may end; or it was
 * made while this broker ran, and not by it, so that another one with the same deployment id has to be at work.
 */
export const HOLD_REASONS = ['dry_run', 'over_limit', 'not_launched_here'] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** The broker by its rules, or somebody who asked for it. */
export const DECIDERS = ['sweep', 'person'] as const;
export type Decider = (typeof DECIDERS)[number];

/** An instance under our tag that no row wants, on evidence. It is written down until it is gone or wanted again. */
export interface Orphan {
  readonly id: OrphanId;
  /** 0 before it is stored. */
  readonly version: number;
  readonly provider: ProviderName;
  readonly api: ProviderApi;
  readonly providerInstanceId: ProviderInstanceId;
  readonly tag: Tag;
  readonly state: OrphanState;
  /** Set exactly while it is held. */
  readonly heldFor?: HoldReason;
  /** Whose word the state is. */
  readonly decidedBy: Decider;
  /** When the provider made it, by the provider's word. */
  readonly createdAt?: EpochMs;
  /** Micro-dollars, by the provider's word. */
  readonly pricePerHour?: MicroUsd;
  readonly detectedAt: EpochMs;
  /** Since when it has been in its state. */
  readonly decidedAt: EpochMs;
  /** How often its end was asked for. */
  readonly terminateAttempts: number;
}

/** What every event of one orphan carries. */
export function orphanFacts(
  { provider, api, tag, providerInstanceId }: OrphanNames,
  at: EpochMs,
): OrphanNames & { readonly at: EpochMs } {
  return { at, provider, api, tag, providerInstanceId };
}

/** Which machine, at whom. */
export type OrphanNames = Pick<Orphan, 'provider' | 'api' | 'tag' | 'providerInstanceId'>;

/**
 * Whether what was written down is this listed instance. Two APIs of one marketplace may show one machine under two ids,
 * but never under two tags.
 */
export function isSameMachine(
  orphan: OrphanNames,
  { observation, tag }: OwnInstance,
  { provider, api }: ApiPlace,
): boolean {
  if (orphan.provider !== provider) return false;
  return orphan.providerInstanceId === observation.id || (orphan.api !== api && orphan.tag === tag);
}

export function orphanIdOf(api: ProviderApi, id: ProviderInstanceId): OrphanId {
  return `${api}-${id}`;
}

/** An instance of ours that no row wants, with what is known of it. */
export interface Suspect {
  readonly claim: Exclude<Claim, { readonly kind: 'wanted' }>;
  /** What was written down of it before. */
  readonly known: Orphan | undefined;
  /** Seen unwanted often enough, and old enough. */
  readonly isProven: boolean;
  /** First seen well after this process had begun to look. */
  readonly isNewcomer: boolean;
}

export type Verdict =
  | { readonly kind: 'end' }
  | { readonly kind: 'hold'; readonly reason: HoldReason }
  | { readonly kind: 'leave' };

const END: Verdict = { kind: 'end' };
const LEAVE: Verdict = { kind: 'leave' };

/**
 * What one sweep does with each suspect. What a person has decided stays decided, and what waits for a person goes on
 * waiting; only what was held because sweeps were not to end anything is judged anew once they may.
 */
export function judge<One extends Suspect>(
  suspects: readonly One[],
  policy: Policy,
): readonly { readonly one: One; readonly verdict: Verdict }[] {
  const ends = suspects.filter((one) => isFresh(one) && !isForeignMade(one)).length;
  const underWay = suspects.filter(({ known }) => known?.state === 'ending' && !isPersons(known));
  const waiting = suspects.filter(({ known }) => known?.heldFor === 'over_limit');
  const spent = ends + underWay.length;
  return suspects.map((one) => {
    // What a session's own rows tell of is not in doubt because of others that are.
    const count = one.claim.kind === 'nobody' ? spent + waiting.length : spent;
    const isOverLimit = count > policy.destroyLimitPerSweep;
    return { one, verdict: verdictOn(one, { policy, isOverLimit }) };
  });
}

function verdictOn(
  one: Suspect,
  { policy, isOverLimit }: { readonly policy: Policy; readonly isOverLimit: boolean },
): Verdict {
  const { known } = one;
  const isEnding = known?.state === 'ending';
  if (known && isPersons(known)) return isEnding ? END : LEAVE;
  if (!isEnding && !isFresh(one)) return LEAVE;
  if (policy.isSweepDryRun) return { kind: 'hold', reason: 'dry_run' };
  if (isEnding) return END;
  if (isForeignMade(one)) return { kind: 'hold', reason: 'not_launched_here' };
  return isOverLimit ? { kind: 'hold', reason: 'over_limit' } : END;
}

function isFresh({ known, isProven }: Suspect): boolean {
  return known === undefined ? isProven : known.heldFor === 'dry_run';
}

function isPersons({ decidedBy }: Orphan): boolean {
  return decidedBy === 'person';
}

/**
 * An intent is on disk before its launch: what no row knows was launched before the rows were lost, or by somebody else.
 * A broker that has been looking all the time has lost none.
 */
function isForeignMade({ claim, isNewcomer }: Suspect): boolean {
  return claim.kind === 'nobody' && isNewcomer;
}
