import type { SimReply } from '../model.ts';
import { succeeded, type V0Context } from './v0-context.ts';

/** The pair, in the form or the query. */
export function isAuthorized({ market: { credentials }, fields }: V0Context): boolean {
  return (
    fields.get('api_key') === credentials.tensordockAuthId &&
    fields.get('api_token') === credentials.tensordockToken
  );
}

/** `POST /auth/test`: whoever gets here has passed the test. */
export function testAuthorization(): SimReply {
  return succeeded();
}

/** `POST /auth/list`: this account has the one pair that it calls with. */
export function listAuthorizations({ market: { credentials } }: V0Context): SimReply {
  return succeeded({
    authorizations: {
      [credentials.tensordockAuthId]: {
        permissions: 'All',
        timestamp_creation: '2022-12-04 02:26:01.898472',
        note: '',
      },
    },
  });
}
