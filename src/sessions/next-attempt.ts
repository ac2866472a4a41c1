import type { Budget } from '../costs/accounts.ts';
import type { FailureCode, Instance } from '../domain/instance.ts';
import type { Transition } from '../domain/lifecycle/change.ts';
import { endSearch } from '../domain/lifecycle/end-search.ts';
import { intendAttempt, intendedInstance } from '../domain/lifecycle/launching.ts';
import type { Offer } from '../domain/offer.ts';
import { candidates, searchEndsAt, searchVerdict } from '../domain/placement.ts';
import { isUnlikely, RANKING_WEIGHTS } from '../domain/ranking.ts';
import { attemptsOfSearch, interruptionOf, triedSoFar } from '../domain/search.ts';
import { currentInstance, type Session, type SessionRequest } from '../domain/session.ts';
import { type EpochMs, HOUR_MS, SECOND_MS } from '../domain/time.ts';
import { inTurn } from './choose-offer.ts';
import { knownFitting } from './known-fitting.ts';
import { readyTimeoutMs } from './ready-timeout.ts';
import { type Site, type StepParts, setPace } from './step-parts.ts';

/** Moves on to the next best offer, or ends the session when there is none to move on to. */
export function nextAttempt(parts: StepParts, session: Session, budget: Budget): Transition {
  const { clock, policy, deploymentId } = parts;
  const now = clock.now();
  const verdict = searchVerdict(session, policy, now);
  const mayWait = mayAppear(session);
  const wants = mayWait ? likelyOnly(parts, session) : () => true;
  const next = verdict === 'goes_on' ? nextPlace(parts, session, { budget, wants }) : undefined;
  if (!next && verdict === 'goes_on' && mayWait) {
    setPace(parts, session.id, { searchNotBefore: now + SEARCH_AGAIN_MS });
    return () => undefined;
  }
  if (!next) return endSearch({ verdict, policy, at: now });
  const { offer, site } = next;
  const instance = intendedInstance({
    sessionId: session.id,
    deploymentId,
    attempt: triedSoFar(session).length + 1,
    offer: parts.shelf.withOdds(offer),
    request: session.request,
    now,
    readyTimeoutMs: readyTimeoutMs(session.request, site.provider),
  });
  return intendAttempt(instance, now);
}

/** The best offer that is left, can be reached and can be paid for. */
function nextPlace(
  { shelf, sites, clock }: StepParts,
  session: Session,
  { budget, wants }: { readonly budget: Budget; readonly wants: (offer: Offer) => boolean },
): { readonly offer: Offer; readonly site: Site } | undefined {
  const request = requestOfNow(session);
  const now = clock.now();
  const fitting = knownFitting(shelf, session, () =>
    candidates(shelf.choices(), request, triedSoFar(session)),
  );
  for (const offer of inTurn({ shelf, now }, request, fitting)) {
    const site = sites.get(offer.api);
    if (!site || !wants(offer) || budget.shortfallOf(offer, request)) continue;
    shelf.claims.claim(offer, now);
    return { offer, site };
  }
  return undefined;
}

/** Until the search has waited for something better, what is unlikely to serve is left alone. Another way of choosing knows nothing of that. */
function likelyOnly(
  { shelf, clock, policy }: StepParts,
  session: Session,
): (offer: Offer) => boolean {
  const waitsUntil = Math.min(
    lastEndOf(session) + RANKING_WEIGHTS.unlikelyWaitMs,
    // What is left is tried before the search is over.
    searchEndsAt(session, policy) - SEARCH_AGAIN_MS,
  );
  const isPicky = shelf.ranking === undefined && clock.now() < waitsUntil;
  return (offer) => !isPicky || !isUnlikely(offer);
}

function lastEndOf(session: Session): EpochMs {
  const last = currentInstance(session);
  return last?.terminateAskedAt ?? last?.goneAt ?? last?.intendedAt ?? session.createdAt;
}

/** Another machine is needed, and has to be paid for, for what is left of the reservation. */
function requestOfNow({ request, leftMs }: Session): SessionRequest {
  return leftMs === undefined ? request : { ...request, reservationHours: leftMs / HOUR_MS };
}

/** A menu has news every minute. */
const SEARCH_AGAIN_MS = 20 * SECOND_MS;

/**
 * Whoever was told that a machine comes, or has lost one, waits for another one as long as the search lasts: what others have
 * comes back, and a machine's bad name fades. Whoever has been given nothing yet is told at once that there is nothing, and credit
 * does not come by itself.
 */
function mayAppear(session: Session): boolean {
  const interruption = interruptionOf(session);
  if (interruption) return interruption.code !== 'out_of_credit';
  const { choice } = session.request;
  const last = currentInstance(session);
  const isPaid = last?.failure !== undefined && UNPAID.includes(last.failure.code);
  return choice.kind === 'requirements' && !isPaid && attemptsOfSearch(session).some(wasGranted);
}

const UNPAID: readonly FailureCode[] = ['out_of_credit', 'insufficient_funds'];

function wasGranted({ launchedAt }: Instance): boolean {
  return launchedAt !== undefined;
}
