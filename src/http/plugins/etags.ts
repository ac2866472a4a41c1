import { createHash } from 'node:crypto';
import type { AppServer } from '../app-server.ts';

/**
 * An `ETag` over the answer itself: it cannot say "unchanged" of a body that differs, across restarts and snapshots
 * alike. A match is answered 304 without the body.
 */
export function sendEtags(app: AppServer): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isTagged = request.routeOptions.config.hasEtag && reply.statusCode === 200;
    if (!isTagged || typeof payload !== 'string') return payload;
    const etag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`;
    reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (!isMatch(request.headers['if-none-match'], etag)) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}

/** Weak comparison (RFC 9110, section 13.1.2): a proxy that compresses may have weakened the tag. */
function isMatch(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
