import type { Budget } from '../costs/accounts.ts';
import type { Transition } from '../domain/lifecycle/change.ts';
import { endSearch } from '../domain/lifecycle/end-search.ts';
import { intendAttempt, intendedInstance } from '../domain/lifecycle/launching.ts';
import type { Offer } from '../domain/offer.ts';
import { searchVerdict } from '../domain/placement.ts';
import { interruptionOf, triedSoFar } from '../domain/search.ts';
import type { Session, SessionRequest } from '../domain/session.ts';
import { HOUR_MS, SECOND_MS } from '../domain/time.ts';
import { ranked } from './choose-offer.ts';
import { readyTimeoutMs } from './ready-timeout.ts';
import { type Site, type StepParts, setPace } from './step-parts.ts';

/** Moves on to the next best offer, or ends the session when there is none to move on to. */
export function nextAttempt(parts: StepParts, session: Session, budget: Budget): Transition {
  const { clock, policy, deploymentId } = parts;
  const now = clock.now();
  const verdict = searchVerdict(session, policy, now);
  const next = verdict === 'goes_on' ? nextPlace(parts, session, budget) : undefined;
  if (!next && verdict === 'goes_on' && mayAppear(session)) {
    setPace(parts, session.id, { searchNotBefore: now + SEARCH_AGAIN_MS });
    return () => undefined;
  }
  if (!next) return endSearch({ verdict, policy, at: now });
  const { offer, site } = next;
  const instance = intendedInstance({
    sessionId: session.id,
    deploymentId,
    attempt: triedSoFar(session).length + 1,
    offer,
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
  budget: Budget,
): { readonly offer: Offer; readonly site: Site } | undefined {
  const request = requestOfNow(session);
  const now = clock.now();
  for (const offer of ranked({ shelf, now }, request, triedSoFar(session))) {
    const site = sites.get(offer.api);
    if (!site || budget.shortfallOf(offer, request)) continue;
    shelf.claims.claim(offer, now);
    return { offer, site };
  }
  return undefined;
}

/** Another machine is needed, and has to be paid for, for what is left of the reservation. */
function requestOfNow({ request, leftMs }: Session): SessionRequest {
  return leftMs === undefined ? request : { ...request, reservationHours: leftMs / HOUR_MS };
}

/** A menu has news every minute. */
const SEARCH_AGAIN_MS = 20 * SECOND_MS;

/** Whoever lost a machine waits a while for another one; credit does not come by itself. */
function mayAppear(session: Session): boolean {
  const interruption = interruptionOf(session);
  return interruption !== undefined && interruption.code !== 'out_of_credit';
}
