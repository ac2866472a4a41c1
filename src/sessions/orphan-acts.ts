import { ProviderFailure } from '../domain/errors.ts';
import type { OrphanEvent } from '../domain/events.ts';
import type { SessionId, Tag } from '../domain/ids.ts';
import type { Observation } from '../domain/instance.ts';
import type { Transition } from '../domain/lifecycle/change.ts';
import { addStray, reviveToEnd } from '../domain/lifecycle/ending.ts';
import { totalPerHour } from '../domain/offer.ts';
import {
  type Orphan,
  type OrphanId,
  orphanFacts,
  orphanIdOf,
  type Suspect,
  type Verdict,
} from '../domain/orphan.ts';
import type { OwnInstance } from '../domain/reconciliation.ts';
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
  readonly wakeOrphan: (id: OrphanId) => void;
}

/** An instance of ours that no row wants, and what is known of it. */
export interface Unwanted extends Suspect, OwnInstance {}

/**
 * Writes down what was decided about one unwanted instance. What a session's rows know goes back to them; what is to end
 * by itself is ended by its own steps, from its row.
 */
export async function settle(
  parts: OrphanActParts,
  one: Unwanted,
  verdict: Verdict,
): Promise<void> {
  const { known } = one;
  switch (verdict.kind) {
    case 'leave':
      return;
    case 'hold':
      if (known?.heldFor === verdict.reason) return;
      if (await isStillThere(parts, one)) await hold(parts, one, verdict.reason);
      return;
    case 'end':
      if (one.claim.kind === 'nobody' && known?.state === 'ending') return;
      if (await isStillThere(parts, one)) await end(parts, one);
  }
}

/** What the provider's own word makes of an instance that carried our tag. */
export function fateOf(
  tag: Tag,
  seen: Observation | undefined,
): 'ours' | 'orphan_gone' | 'orphan_cleared' {
  if (!seen) return 'orphan_gone';
  return seen.tag === undefined || seen.tag === tag ? 'ours' : 'orphan_cleared';
}

/**
 * The provider's own word about this one instance comes before anything is done: a list may lag behind an end, and
 * who has renamed an instance since has taken it out of our hands. One that fails to answer is left to the next sweep.
 */
async function isStillThere({ provider }: OrphanActParts, one: Unwanted): Promise<boolean> {
  try {
    const { tag, observation } = one;
    return fateOf(tag, await provider.get(observation.id, { tag })) === 'ours';
  } catch (error) {
    if (error instanceof ProviderFailure) return false;
    throw error;
  }
}

async function hold(
  parts: OrphanActParts,
  one: Unwanted,
  heldFor: NonNullable<Orphan['heldFor']>,
): Promise<void> {
  const orphan: Orphan = { ...rowOf(parts, one), state: 'held', heldFor, decidedBy: 'sweep' };
  const facts = orphanFacts(orphan, parts.clock.now());
  const held = { ...facts, kind: 'orphan_held', reason: heldFor } as const;
  await parts.orphans.save(orphan, [...firstWord(parts, one), held]);
}

async function end(parts: OrphanActParts, one: Unwanted): Promise<void> {
  const { claim, known } = one;
  if (claim.kind === 'nobody') {
    const orphan: Orphan = { ...rowOf(parts, one), state: 'ending', decidedBy: 'sweep' };
    if (await parts.orphans.save(orphan, firstWord(parts, one))) parts.wakeOrphan(orphan.id);
    return;
  }
  const { provider, clock } = parts;
  const seen = { observation: one.observation, at: clock.now(), rule: provider.billing };
  const place = { provider: provider.name, api: provider.api };
  const transition =
    claim.kind === 'belongs'
      ? reviveToEnd(claim.position, seen)
      : addStray(claim.position, { ...seen, place });
  await handToSession(parts, one, transition);
  if (known) await parts.orphans.drop(known, 'orphan_cleared');
}

/** Back into the session's rows, where the ordinary step ends it, again and again, and its cost is known. */
async function handToSession(
  parts: OrphanActParts,
  one: Unwanted,
  transition: Transition,
): Promise<void> {
  const { sessionId } = one.parts;
  // Told in the same write: one that is taken in is one orphan, however often the process dies on the way.
  await parts.book.update(sessionId, (session) => {
    const change = transition(session);
    return change && { ...change, events: [...firstWord(parts, one), ...change.events] };
  });
  parts.wake(sessionId);
}

/** One whose end takes several sweeps is one orphan. */
function firstWord(parts: OrphanActParts, one: Unwanted): readonly OrphanEvent[] {
  if (one.known) return [];
  return [{ ...orphanFacts(rowOf(parts, one), parts.clock.now()), kind: 'orphan_detected' }];
}

function rowOf(parts: OrphanActParts, { observation, tag, known }: Unwanted) {
  const { provider, clock } = parts;
  const at = clock.now();
  if (known) {
    const { heldFor: _over, ...rest } = known;
    return { ...rest, decidedAt: at };
  }
  const { price, createdAt } = observation;
  const pricePerHour = price ? totalPerHour(price) : observation.totalPerHour;
  return {
    id: orphanIdOf(provider.api, observation.id),
    version: 0,
    provider: provider.name,
    api: provider.api,
    providerInstanceId: observation.id,
    tag,
    detectedAt: at,
    decidedAt: at,
    terminateAttempts: 0,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
  };
}
