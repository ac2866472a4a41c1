import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import { MINUTE_MS } from '../../domain/time.ts';
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
  if (parts.rateLimitPerMinute === 0) return;
  app.register(rateLimit, {
    global: false,
    max: parts.rateLimitPerMinute,
    timeWindow: MINUTE_MS,
    keyGenerator: clientOf,
    enableDraftSpec: true,
    store: countsOver(parts.monotonicMs),
    errorResponseBuilder: (_request, { ttl }) => tooMany(Math.ceil(ttl / 1000)),
  });
  let limit: preHandlerAsyncHookHandler | undefined;
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isUnlimited) return;
    // The library is there once all plugins are loaded, which is after this hook has taken its place among the others.
    limit ??= app.rateLimit();
    await limit.call(app, request, reply);
  });
}

/** The token's name tells callers behind one proxy apart. IPv6 addresses count by network: a host has 2^64 of its own. */
function clientOf(request: FastifyRequest): string {
  return request.callerName === undefined
    ? `address ${normalizeIP(request.ip)}`
    : `token ${request.callerName}`;
}

/** The library makes its store itself, from a class. */
function countsOver(monotonicMs: () => number) {
  return class extends RequestCounts {
    constructor() {
      super(monotonicMs);
    }
  };
}

function tooMany(seconds: number): BrokerError {
  return new BrokerError(
    'rate_limited',
    `too many requests from this client; ask again in ${seconds} s`,
  );
}
