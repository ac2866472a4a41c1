import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import { MINUTE_MS, SECOND_MS } from '../../domain/time.ts';
import type { AppServer } from '../app-server.ts';
import { RequestCounts } from './request-counts.ts';

export interface RateLimitParts {
  /** Requests of one client in a minute; 0 = as many as it likes. */
  readonly rateLimitPerMinute: number;
  /** Milliseconds that never jump. */
  readonly monotonicMs: () => number;
}

/**
 * Keeps a caller that runs wild from taking the broker away from all others. It stands behind the check for foreign
 * pages, so that no web page can use up its visitor's share, and before the refusal of bad tokens, so that guessing is
 * slowed down as well. No body has been read by then.
 */
export function limitRates(app: AppServer, parts: RateLimitParts): void {
  const { rateLimitPerMinute: limit, monotonicMs } = parts;
  app.decorateRequest('rateFields', undefined);
  if (limit === 0) return;
  const counts = new RequestCounts({ windowMs: MINUTE_MS, monotonicMs });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.isUnlimited) return done();
    const { count, leftMs } = counts.count(clientOf(request));
    const seconds = Math.ceil(leftMs / SECOND_MS);
    const left = Math.max(0, limit - count);
    request.rateFields = rateFields({ limit, left, seconds });
    if (count <= limit) return done();
    reply.header('retry-after', String(seconds));
    throw tooMany(seconds);
  });
}

/** As the IETF's draft on rate limit headers has them (draft-ietf-httpapi-ratelimit-headers-06, section 5). */
function rateFields(standing: {
  readonly limit: number;
  readonly left: number;
  readonly seconds: number;
}): readonly string[] {
  return [
    'ratelimit-limit',
    String(standing.limit),
    'ratelimit-remaining',
    String(standing.left),
    'ratelimit-reset',
    String(standing.seconds),
  ];
}

/** The token's name tells callers behind one proxy apart. IPv6 addresses count by network: a host has 2^64 of its own. */
function clientOf(request: FastifyRequest): string {
  return request.callerName === undefined
    ? `address ${normalizeIP(request.ip)}`
    : `token ${request.callerName}`;
}

function tooMany(seconds: number): BrokerError {
  return new BrokerError(
    'rate_limited',
    `too many requests from this client; ask again in ${seconds} s`,
  );
}
