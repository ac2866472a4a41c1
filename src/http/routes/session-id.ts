import { BrokerError } from '../../domain/errors.ts';
import { isSessionId, type SessionId } from '../../domain/ids.ts';

/** An id of another form was never given out, so it is unknown rather than wrong. */
export function sessionIdOf(text: string): SessionId {
  if (!isSessionId(text)) throw unknownSession();
  return text;
}

export function unknownSession(): BrokerError {
  return new BrokerError('not_found', 'there is no such session');
}
