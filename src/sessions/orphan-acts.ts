import { ProviderFailure } from '../domain/errors.ts';
import type { OrphanEvent } from '../domain/events.ts';
import type { SessionId, Tag } from '../domain/ids.ts';
import type { Observation } from '../domain/instance.ts';
import { addStray, reviveToEnd } from '../domain/lifecycle/ending.ts';
import { totalPerHour } from '../domain/offer.ts';
import {
  type HoldReason,
  type Orphan,
  orphanFacts,
  orphanIdOf,
  type Verdict,
} from '../domain/orphan.ts';
import type { Claim, OwnInstance } from '../domain/reconciliation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { OrphanBook } from './orphan-book.ts';
import type { SessionBook } from './session-book.ts';

export interface OrphanActParts {
  readonly provider: Provider;
  readonly orphans: OrphanBook;
  readonly book: SessionBook;
  readonly clock: Clock;
  readonly wake: (id: SessionId) => void;
}

/** An instance of ours that no row wants. */
export interface Unwanted extends OwnInstance {
  readonly claim: Exclude<Claim, { readonly kind: 'wanted' }>;
}

interface Found extends Unwanted {
  /** What was written down of it before. */
  readonly known: Orphan | undefined;
}

/** Does with one unwanted instance what was decided. A call that fails is made again by the next sweep. */
export async function carryOut(
  parts: OrphanActParts,
  found: Found,
  verdict: Verdict,
): Promise<void> {
  if (verdict.kind === 'leave') return;
  if (verdict.kind === 'hold' && found.known?.heldFor === verdict.reason) return;
  try {
    const fate = fateOf(found.tag, await parts.provider.get(found.observation.id));
    if (fate !== 'ours') return await drop(parts, found.known, fate);
    if (verdict.kind === 'hold') await hold(parts, found, verdict.reason);
    else await end(parts, found);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}

/** Looks what became of one that was written down and that a complete list does not show as unwanted any more. */
export async function forgetOrphan(
  parts: OrphanActParts,
  orphan: Orphan,
  listed: readonly Observation[],
): Promise<void> {
  const id = orphan.providerInstanceId;
  if (listed.some((one) => one.id === id)) return drop(parts, orphan, 'orphan_cleared');
  try {
    const fate = fateOf(orphan.tag, await parts.provider.get(id));
    if (fate !== 'ours') await drop(parts, orphan, fate);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
  }
}

/**
 * The provider's own word about this one instance comes before anything is done: a list may lag behind an end, and
 * who has renamed an instance since has taken it out of our hands.
 */
function fateOf(
  tag: Tag,
  seen: Observation | undefined,
): 'ours' | 'orphan_gone' | 'orphan_cleared' {
  if (!seen) return 'orphan_gone';
  return seen.tag === undefined || seen.tag === tag ? 'ours' : 'orphan_cleared';
}

async function drop(
  parts: OrphanActParts,
  orphan: Orphan | undefined,
  kind: 'orphan_gone' | 'orphan_cleared',
): Promise<void> {
  if (!orphan) return;
  await parts.orphans.drop(orphan, { ...factsOf(parts, orphan), kind });
}

async function hold(parts: OrphanActParts, found: Found, reason: HoldReason): Promise<void> {
  const { clock } = parts;
  const orphan = {
    ...asOrphan(parts, found, clock.now()),
    state: 'held',
    heldFor: reason,
  } as const;
  const held = { ...factsOf(parts, orphan), kind: 'orphan_held', reason } as const;
  await parts.orphans.save(orphan, [...firstWord(parts, found), held]);
}

/** Written down, then asked; it is written off when the provider says that it does not exist. */
async function end(parts: OrphanActParts, found: Found): Promise<void> {
  if (found.claim.kind !== 'nobody') {
    await handToSession(parts, found, found.claim);
    return;
  }
  const { provider } = parts;
  const id = found.observation.id;
  const orphan = await asEnding(parts, found);
  if (!orphan) return;
  await provider.terminate(id);
  if (!(await provider.get(id))) await drop(parts, orphan, 'orphan_gone');
}

/** The row of an orphan that is to end; undefined when a person was faster with another word. */
async function asEnding(parts: OrphanActParts, found: Found): Promise<Orphan | undefined> {
  const asked = { ...factsOf(parts, namesOf(found)), kind: 'orphan_terminate_asked' } as const;
  if (found.known?.state === 'ending') {
    await parts.book.append([asked]);
    return found.known;
  }
  const { heldFor: _none, ...rest } = asOrphan(parts, found, parts.clock.now());
  const orphan: Orphan = { ...rest, state: 'ending' };
  return parts.orphans.save(orphan, [...firstWord(parts, found), asked]);
}

/** Back into the session's rows, where the ordinary step ends it, again and again, and its cost is known. */
async function handToSession(
  parts: OrphanActParts,
  found: Found,
  claim: Extract<Unwanted['claim'], { position: number }>,
): Promise<void> {
  const { provider, book, clock, wake } = parts;
  const { sessionId } = found.parts;
  const { observation, known } = found;
  const seen = { observation, at: clock.now(), rule: provider.billing };
  const place = { provider: provider.name, api: provider.api };
  await book.append(firstWord(parts, found));
  const transition =
    claim.kind === 'belongs'
      ? reviveToEnd(claim.position, seen)
      : addStray(claim.position, { ...seen, place });
  await book.update(sessionId, transition);
  wake(sessionId);
  await drop(parts, known, 'orphan_cleared');
}

/** One whose end takes several sweeps is one orphan. */
function firstWord(parts: OrphanActParts, found: Found): readonly OrphanEvent[] {
  if (found.known) return [];
  return [{ ...factsOf(parts, namesOf(found)), kind: 'orphan_detected' }];
}

type Names = Pick<Orphan, 'tag' | 'providerInstanceId'>;

function namesOf({ tag, observation }: Found): Names {
  return { tag, providerInstanceId: observation.id };
}

function factsOf({ provider, clock }: OrphanActParts, names: Names) {
  return orphanFacts({ ...names, provider: provider.name, api: provider.api }, clock.now());
}

function asOrphan({ provider }: OrphanActParts, found: Found, at: number): Orphan {
  const { observation, known } = found;
  const { price, createdAt } = observation;
  const pricePerHour = price ? totalPerHour(price) : observation.totalPerHour;
  const names = known ?? {
    ...namesOf(found),
    id: orphanIdOf(provider.api, observation.id),
    version: 0,
    provider: provider.name,
    api: provider.api,
    detectedAt: at,
  };
  return {
    ...names,
    state: 'held',
    decidedAt: at,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
  };
}
