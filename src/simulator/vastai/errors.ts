import { json } from '../json.ts';
import type { FacadeQuirks, SimReply } from '../model.ts';

/** The provider's usual failure envelope (§3). */
export function failure(
  status: number,
  code: string,
  detail: { readonly msg: string; readonly [field: string]: unknown },
): SimReply {
  return json(status, { success: false, error: code, ...detail });
}

/** A key that nobody has is answered like a missing thing, 404 (§2). */
export function badKey(): SimReply {
  return failure(404, 'auth_error', { msg: 'Invalid user key' });
}

export function missingKey(): SimReply {
  return failure(403, 'auth_error', { msg: 'This action requires login.' });
}

export function invalidBody(): SimReply {
  return failure(400, 'invalid_request', { msg: 'Invalid json body' });
}

/** The words are the same for a bare value in a search and for a template's malformed filters (§5.2). */
export function badSearchOperator(operator: string): SimReply {
  return failure(400, 'invalid_request', {
    msg: `invalid_request ${operator} is not a valid search op`,
  });
}

export function badSearchKey(key: string): SimReply {
  return failure(400, 'invalid_request', {
    msg: `Error in query parameters: ${key} is not a valid search key`,
  });
}

export function invalidArgs(msg: string): SimReply {
  return failure(400, 'invalid_args', { msg });
}

/** Live it is a 400 whose text says 404; where the call must not queue, also a 410 (§7.5). */
export function offerGone(askId: number, as: FacadeQuirks['staleOfferAs']): SimReply {
  if (as === '410') {
    return failure(410, 'no_such_ask', {
      msg: `error 410/3907: no_such_ask Instance type ${askId} is no longer available.`,
      ask_id: askId,
    });
  }
  return failure(400, 'invalid_args', {
    msg: `error 404/3603: no_such_ask  Instance type by id ${askId} is not available.`,
    ask_id: askId,
  });
}

export function noCredit(): SimReply {
  return failure(400, 'insufficient_credit', {
    msg: 'Your account lacks credit; see the billing page.',
  });
}

export function serverError(): SimReply {
  return failure(500, 'server_error', { msg: 'Something went wrong on the server' });
}

export function noSuchInstance(id: string): SimReply {
  return failure(404, 'no_such_instance', { msg: `Instance ${id} not found.` });
}

export function invalidToken(): SimReply {
  return failure(400, 'invalid_token', { msg: 'Invalid after_token' });
}
