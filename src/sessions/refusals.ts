import type { Shortfall } from '../domain/budget.ts';
import { BrokerError } from '../domain/errors.ts';
import { isRefusal, refusalSentence, refusalTypeOf } from '../domain/failure-words.ts';
import type { OfferId, ProviderName, SessionId } from '../domain/ids.ts';
import { type AttemptFailure, type Instance, isFinalInstance } from '../domain/instance.ts';
import { toUsd } from '../domain/money.ts';
import type { Offer } from '../domain/offer.ts';
import type { Session } from '../domain/session.ts';

/** What a refusal is about. */
interface Subject {
  readonly offer_id: OfferId;
  readonly provider: ProviderName;
  /** The failed session, in which each attempt can be looked up; none where none was made. */
  readonly session_id?: SessionId;
}

/** A failed launch in the caller's terms: what happened, and whether trying again makes sense. */
export function refusalOf(instance: Instance, { code }: AttemptFailure): BrokerError {
  const { offer, provider, sessionId } = instance;
  const about = { offer_id: offer.id, provider, session_id: sessionId };
  const kind = isRefusal(code) ? code : 'unavailable';
  const type = refusalTypeOf(kind);
  if (type === 'stale_inventory') return staleInventory(about);
  return new BrokerError(type, refusalSentence(kind, provider), {
    ...about,
    retry_suggested: type === 'provider_unavailable',
  });
}

/**
 * A start that came to nothing. The failure's own sentence says what to do: mostly the disk is kept, and another try may do;
 * not so where the machine is gone.
 */
export function startRefusalOf(instance: Instance, { code, message }: AttemptFailure): BrokerError {
  const { provider, sessionId, state } = instance;
  const kind = isRefusal(code) ? code : 'unavailable';
  const type = kind === 'no_capacity' ? 'provider_unavailable' : refusalTypeOf(kind);
  return new BrokerError(type === 'stale_inventory' ? 'provider_unavailable' : type, message, {
    session_id: sessionId,
    provider,
    retry_suggested: type !== 'provider_error' && !isFinalInstance(state),
  });
}

/** The session's machine is at an API that is not configured any more. */
export function unreachable({ id }: Pick<Session, 'id'>): BrokerError {
  return new BrokerError(
    'provider_error',
    `the provider of session ${id} is not configured any more; configure it again to resume or delete`,
    { session_id: id, retry_suggested: false },
  );
}

/** The account cannot pay for the reservation; nothing was asked of the provider. */
export function unpayable({ id, provider }: Offer, { needed, balance }: Shortfall): BrokerError {
  return new BrokerError(
    'provider_error',
    `the balance at ${provider} does not carry this reservation beside those that are open`,
    {
      offer_id: id,
      provider,
      retry_suggested: false,
      needed_usd: toUsd(needed),
      balance_usd: toUsd(balance),
    },
  );
}

/** The offer is gone at its provider. */
export function staleInventory(about: Subject): BrokerError {
  return new BrokerError('stale_inventory', 'offer unavailable due to stale inventory', {
    ...about,
    retry_suggested: true,
    message:
      'The selected offer is no longer available. Please refresh inventory and select a different offer.',
  });
}

export function unknownSession(id: string): BrokerError {
  return new BrokerError('not_found', `no session ${id}; list them with GET /sessions`);
}

/** An offer that is not on the menu and was not on it lately. */
export function unknownOffer(id: string): BrokerError {
  return new BrokerError('not_found', `no offer ${id}; list the current ones with GET /offers`);
}
