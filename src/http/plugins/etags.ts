import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { AppServer } from '../app-server.ts';

/**
 * An `ETag` over the answer itself: it cannot say "unchanged" of a body that differs, across restarts and snapshots
 * alike. An answer with figures that run has a weak one, over what the route says is the rest. A match is answered 304
 * without the body.
 */
export function sendEtags(app: AppServer): void {
  app.decorateReply('lastingPart', undefined);
  app.decorateReply('digest', undefined);
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!request.routeOptions.config.hasEtag || reply.statusCode !== 200)
      return done(null, payload);
    const etag = etagOf(reply, payload);
    if (etag === undefined) return done(null, payload);
    reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (!isMatch(request.headers['if-none-match'], etag)) return done(null, payload);
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return done(null, null);
  });
}

/** Undefined for an answer that is no text. */
function etagOf({ digest, lastingPart }: FastifyReply, payload: unknown): string | undefined {
  if (digest !== undefined) return `"${digest}"`;
  if (lastingPart !== undefined) return `W/${tagOf(lastingPart)}`;
  return typeof payload === 'string' ? tagOf(payload) : undefined;
}

function tagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/** Weak comparison (RFC 9110, section 13.1.2): a proxy that compresses may have weakened the tag. */
function isMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag) return true;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''));
}
