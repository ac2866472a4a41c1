import type { IncomingHttpHeaders } from 'node:http';
import { BrokerError } from '../../domain/errors.ts';
import type { AppServer } from '../app-server.ts';
import { validationError } from '../validation/problem.ts';

/**
 * More values than any request needs. Each value can be a problem of its own, and a body of the largest size holds half
 * a million of them: listing them all would keep every other caller waiting for most of a second.
 */
const MAX_VALUES = 5_000;

/**
 * JSON is the only body that is taken. An empty one counts as none: it has no media type to be wrong about, and many
 * clients name one on every POST. A key such as `__proto__` is read as any other and refused as unknown.
 */
export function readJsonBodies(app: AppServer): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    if (headers['content-type'] !== undefined && isWithoutBody(headers)) {
      delete headers['content-type'];
    }
    done();
  });
  app.addHook('preParsing', ({ headers }, _reply, payload, done) => {
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && !isWithoutBody(headers)) refuseEncodings(encoding);
    done(null, payload);
  });
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const text = body.toString();
    if (text.trim() === '') return done(null, undefined);
    const reading = jsonOf(text);
    return done(reading.problem, reading.value);
  });
}

export function isWithoutBody(headers: IncomingHttpHeaders): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': coding } = headers;
  return coding === undefined && Number(length) === 0;
}

function refuseEncodings(encoding: string): void {
  if (encoding.trim().toLowerCase() === 'identity') return;
  throw new BrokerError(
    'unsupported_media_type',
    'send the body as it is, without Content-Encoding: compressed bodies are not read',
  );
}

interface JsonReading {
  readonly problem: Error | null;
  readonly value?: unknown;
}

/** A key of any name becomes a field of the value's own: `JSON.parse` sets no prototypes. */
function jsonOf(text: string): JsonReading {
  try {
    const value: unknown = JSON.parse(text);
    return { problem: tooManyValues(value), value };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return { problem: validationError([{ path: 'body', message: 'is not valid JSON' }]) };
  }
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
