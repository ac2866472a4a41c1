import { createHash } from 'node:crypto';
import type { AppServer } from '../app-server.ts';

/**
 * An `ETag` over the answer itself: it cannot say "unchanged" of a body that differs, across restarts and snapshots
 * alike. An answer with figures that run has a weak one, over what the route says is the rest. A match is answered 304
 * without the body.
 */
export function sendEtags(app: AppServer): void {
  app.decorateReply('lastingPart', undefined);
  app.addHook('onSend', async (request, reply, payload) => {
    const isTagged = request.routeOptions.config.hasEtag && reply.statusCode === 200;
    if (!isTagged || typeof payload !== 'string') return payload;
    const { lastingPart } = reply;
    const etag = lastingPart === undefined ? tagOf(payload) : `W/${tagOf(lastingPart)}`;
    reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (!isMatch(request.headers['if-none-match'], etag)) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}

function tagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/** Weak comparison (RFC 9110, section 13.1.2): a proxy that compresses may have weakened the tag. */
function isMatch(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''));
}
