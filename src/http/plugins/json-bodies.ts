import type { AppServer } from '../app-server.ts';
import { validationError } from '../validation/problem.ts';

/**
 * More values than any request needs. Each value can be a problem of its own, and a body of the largest size holds half
 * a million of them: listing them all would keep every other caller waiting for most of a second.
 */
const MAX_VALUES = 5_000;

/**
 * JSON is the only body that is taken. An empty one counts as none, because many clients name the media type on every
 * POST; keys that would reach an object's prototype are refused.
 */
export function readJsonBodies(app: AppServer): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (text.trim() === '') return done(null, undefined);
    return parse(request, text, (error, value: unknown) =>
      error ? done(error) : done(tooManyValues(value), value),
    );
  });
}

function tooManyValues(body: unknown): Error | null {
  return holdsMoreThan(body, MAX_VALUES)
    ? validationError([{ path: 'body', message: `must hold at most ${MAX_VALUES} values` }])
    : null;
}

/** Looks at little more than `limit` values, however many there are, and nests no calls however deep they lie. */
function holdsMoreThan(body: unknown, limit: number): boolean {
  const open = [body];
  let seen = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const inside = Object.values(value);
    seen += inside.length;
    if (seen > limit) return true;
    open.push(...inside);
  }
  return false;
}
