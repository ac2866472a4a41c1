import { ledgerTotal } from '../billing.ts';
import type { AttemptFact, BrokerEvent } from '../events.ts';
import type { SessionId } from '../ids.ts';
import type { Instance } from '../instance.ts';
import type { MicroUsd } from '../money.ts';
import { currentInstance, type Session, type SessionStatus } from '../session.ts';
import type { EpochMs } from '../time.ts';

/** A session as it should be stored next, and what happened on the way. */
export interface Change {
  readonly session: Session;
  readonly events: readonly BrokerEvent[];
}

/**
 * A pure step from one stored session to the next, or undefined when there is nothing to change. It is run again on a
 * fresh copy when another writer was faster.
 */
export type Transition = (session: Session) => Change | undefined;

/** Replaces the instance at `position` in the session's list. */
export function withInstance(session: Session, position: number, instance: Instance): Session {
  return { ...session, instances: session.instances.with(position, instance) };
}

/** What every event of one attempt carries. */
export function factsOf(
  instance: Instance,
  at: EpochMs,
): AttemptFact & { readonly at: EpochMs; readonly sessionId: SessionId } {
  const { sessionId, attempt, tag, provider, api } = instance;
  return { at, sessionId, attempt, tag, provider, api };
}

/** The session with another status, and the event that says so. */
export function withStatus(session: Session, to: SessionStatus, at: EpochMs): Change {
  const event: BrokerEvent = {
    kind: 'session_status_changed',
    at,
    sessionId: session.id,
    provider: currentInstance(session)?.provider ?? '',
    from: session.status,
    to,
    cost: sessionCost(session, at),
    ...(session.stopReason === undefined ? {} : { reason: session.stopReason }),
  };
  return { session: { ...session, status: to }, events: [event] };
}

/** Micro-dollars of all attempts up to `now`. */
export function sessionCost(session: Session, now: EpochMs): MicroUsd {
  return session.instances.reduce((sum, instance) => sum + ledgerTotal(instance.costs, now), 0);
}
