import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';

/** How long a connection may keep the server waiting, and how many there may be. */
export interface ConnectionLimits {
  /** From a connection's first moment, or the end of its last request, to the end of a request's headers. */
  readonly headersTimeoutMs: number;
  /** From the beginning of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  /** How long a caller may take nothing of the answer that it asked for. */
  readonly answerTimeoutMs: number;
  /** How long a connection may be kept for a next request. */
  readonly keepAliveTimeoutMs: number;
  /** How often the first two are looked at. */
  readonly checkIntervalMs: number;
  /** Beyond these the one that has been idle for longest makes place. */
  readonly maxConnections: number;
  /** Requests on one connection that wait for their answers. */
  readonly maxUnanswered: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeoutMs: 15 * SECOND_MS,
  requestTimeoutMs: 30 * SECOND_MS,
  answerTimeoutMs: 30 * SECOND_MS,
  // Longer than the minute for which common proxies keep idle connections, so that it is they who close first.
  keepAliveTimeoutMs: MINUTE_MS + 12 * SECOND_MS,
  checkIntervalMs: SECOND_MS,
  // Twice what a thousand programs that ask at once need, and half of the file descriptors that Node can commonly have (it
  // lifts its soft limit to the hard one): the calls that end rentals need some too.
  maxConnections: 2_000,
  // Programs hardly pipeline at all; each of these may hold an answer of some hundred kilobytes.
  maxUnanswered: 20,
};
