import type { AppServer } from '../app-server.ts';
import { digestOf } from '../views/ready-answer.ts';

/** Kept by the caller alone, who asks each time whether it is still so. */
export const TAGGED_CACHING = 'private, no-cache';

/**
 * An `ETag` over the answer itself: it cannot say "unchanged" of a body that differs, across restarts and snapshots
 * alike. An answer with figures that run has a weak one, over the rest, from its route. A match is answered 304
 * without the body.
 */
export function sendEtags(app: AppServer): void {
  app.decorateReply('etag', undefined);
  app.addHook('onSend', (request, reply, payload, done) => {
    if (!request.routeOptions.config.hasEtag || reply.statusCode !== 200)
      return done(null, payload);
    const etag =
      reply.etag ?? (typeof payload === 'string' ? strongTag(digestOf(payload)) : undefined);
    if (etag === undefined) return done(null, payload);
    reply.header('etag', etag).header('cache-control', TAGGED_CACHING);
    if (!isMatch(request.headers['if-none-match'], etag)) return done(null, payload);
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    // Of what a HEAD is answered with, the framework takes the length and leaves out the rest by itself.
    return done(null, request.method === 'HEAD' ? payload : null);
  });
}

export function strongTag(digest: string): string {
  return `"${digest}"`;
}

/** For an answer of which only a part lasts: the digest is of that part. */
export function weakTag(digest: string): string {
  return `W/"${digest}"`;
}

/** Weak comparison (RFC 9110, section 13.1.2): a proxy that compresses may have weakened the tag. */
export function isMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag) return true;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''));
}
