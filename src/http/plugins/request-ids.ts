import type { AppServer } from '../app-server.ts';

const GIVEN_ID = /^[A-Za-z0-9._-]{1,128}$/;

interface IncomingHeaders {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The caller's `X-Request-ID` when it is fit for logs, else one of our own. */
export function requestIdFrom(makeRequestId: () => string): (request: IncomingHeaders) => string {
  return ({ headers }) => {
    const given = headers['x-request-id'];
    return typeof given === 'string' && GIVEN_ID.test(given) ? given : makeRequestId();
  };
}

export function echoRequestIds(app: AppServer): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
}
