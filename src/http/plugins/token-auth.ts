import { createHash, timingSafeEqual } from 'node:crypto';
import { BrokerError } from '../../domain/errors.ts';
import type { AppServer } from '../app-server.ts';
import type { ApiToken } from '../server-parts.ts';

interface KnownToken {
  readonly name: string;
  readonly digest: Buffer;
}

/** Finds out whose token a request shows, if any. */
export function recogniseCallers(app: AppServer, tokens: readonly ApiToken[]): void {
  const known = tokens.map(({ name, token }) => ({ name, digest: digestOf(token) }));
  app.decorateRequest('callerName', undefined);
  if (known.length === 0) return;
  app.addHook('onRequest', (request, _reply, done) => {
    request.callerName = callerOf(request.headers.authorization, known);
    done();
  });
}

/** With tokens, every route but the public ones needs one of them; without, everybody is let in. */
export function requireToken(app: AppServer, tokens: readonly ApiToken[]): void {
  if (tokens.length === 0) return;
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.isPublic || request.callerName !== undefined) return done();
    reply.header('www-authenticate', 'Bearer realm="gpu-broker"');
    throw new BrokerError('unauthorized', 'a valid Authorization: Bearer token is needed');
  });
}

/**
 * Digests have one length and every known one is compared in constant time, so that neither a token's length nor how
 * much of it was right can be read from the time that the answer takes.
 */
function callerOf(header: string | undefined, known: readonly KnownToken[]): string | undefined {
  const shown = /^Bearer +([!-~]+)$/i.exec(header ?? '')?.[1];
  if (shown === undefined) return undefined;
  const digest = digestOf(shown);
  const matches = known.filter((token) => timingSafeEqual(token.digest, digest));
  return matches[0]?.name;
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
