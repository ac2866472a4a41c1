import type { Budget } from '../costs/accounts.ts';
import type { Transition } from '../domain/lifecycle/change.ts';
import { endSearch } from '../domain/lifecycle/end-search.ts';
import { intendAttempt, intendedInstance } from '../domain/lifecycle/launching.ts';
import type { Offer } from '../domain/offer.ts';
import { candidates, searchVerdict } from '../domain/placement.ts';
import type { Session } from '../domain/session.ts';
import { readyTimeoutMs } from './ready-timeout.ts';
import type { Site, StepParts } from './step-parts.ts';

/** Moves on to the next best offer, or ends the session when there is none to move on to. */
export function nextAttempt(parts: StepParts, session: Session, budget: Budget): Transition {
  const { clock, policy, deploymentId } = parts;
  const now = clock.now();
  const verdict = searchVerdict(session, policy, now);
  const next = verdict === 'goes_on' ? nextPlace(parts, session, budget) : undefined;
  if (!next) return endSearch({ verdict, policy, at: now });
  const { offer, site } = next;
  const instance = intendedInstance({
    sessionId: session.id,
    deploymentId,
    attempt: attemptsOf(session).length + 1,
    offer,
    request: session.request,
    now,
    readyTimeoutMs: readyTimeoutMs(session.request, site.provider),
  });
  return intendAttempt(instance, now);
}

/** The best offer that is left, can be reached and can be paid for. */
function nextPlace(
  { shelf, sites }: StepParts,
  session: Session,
  budget: Budget,
): { readonly offer: Offer; readonly site: Site } | undefined {
  const { request } = session;
  for (const offer of candidates(shelf.choices(), request, attemptsOf(session))) {
    const site = sites.get(offer.api);
    if (site && !budget.shortfallOf(offer, request)) return { offer, site };
  }
  return undefined;
}

function attemptsOf({ instances }: Session) {
  return instances.filter(({ role }) => role === 'attempt');
}
