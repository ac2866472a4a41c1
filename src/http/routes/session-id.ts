import { isSessionId, type SessionId } from '../../domain/ids.ts';
import { unknownSession } from '../../sessions/refusals.ts';
import { idParams } from '../schemas/fields.ts';

export const SESSION_PARAMS = idParams('The `id` of a session.');

/** An id of another form was never given out, so it is unknown rather than wrong. */
export function sessionIdOf(text: string): SessionId {
  if (!isSessionId(text)) throw unknownSession(text);
  return text;
}
