import type { AppServer } from '../app-server.ts';

/**
 * JSON is the only body that is taken. An empty one counts as none, because many clients name the media type on every
 * POST; keys that would reach an object's prototype are refused.
 */
export function readJsonBodies(app: AppServer): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    return text.trim() === '' ? done(null, undefined) : parse(request, text, done);
  });
}
