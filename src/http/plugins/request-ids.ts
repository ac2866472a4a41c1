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
