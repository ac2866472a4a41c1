import type { FastifyRequest } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import type { AppServer } from '../app-server.ts';
import { canonicalPath } from '../canonical-path.ts';
import { answerError } from './errors.ts';

/**
 * Answers for paths and methods that no route has: 405 with `Allow` where the path exists, else 404. It stands before
 * the body is read, so that a stray body cannot make another error of it.
 */
export function answerUnknownRoutes(app: AppServer): void {
  const methodsByPattern = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = methodsByPattern.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    methodsByPattern.set(url, methods);
  });
  app.addHook('onRequest', (request, reply, done) => {
    const path = pathOf(request.url);
    const isNamed = (target: string): boolean =>
      [...methodsByPattern.keys()].some((url) => matches(url, target));
    if (path.endsWith('/') && (request.is404 || hasEmptyId(request)) && !isNamed(path)) {
      const meant = pathOf(request.originalUrl).replace(/\/+$/, '');
      throw noSuchPath(isNamed(canonicalPath(meant)) ? `; did you mean ${meant}?` : '');
    }
    if (!request.is404) return done();
    const pattern = [...methodsByPattern.keys()].find((url) => matches(url, path));
    if (pattern === undefined) throw noSuchPath('');
    reply.header('allow', [...(methodsByPattern.get(pattern) ?? [])].sort().join(', '));
    throw new BrokerError('method_not_allowed', 'this path does not take that method');
  });
  // For a route that finds only later that it has nothing there, as one that serves files.
  app.setNotFoundHandler((request, reply) => answerError(noSuchPath(''), request, reply));
}

function noSuchPath(hint: string): BrokerError {
  return new BrokerError('not_found', `there is no such path${hint}`);
}

function pathOf(target: string): string {
  const end = target.indexOf('?');
  return end < 0 ? target : target.slice(0, end);
}

/** A list's path with a slash at its end is routed as the path of one thing without an id. */
function hasEmptyId({ params }: FastifyRequest): boolean {
  const given = typeof params === 'object' && params !== null ? Object.entries(params) : [];
  return given.some(([name, value]) => name !== '*' && value === '');
}

function matches(pattern: string, path: string): boolean {
  if (pattern.endsWith('/*')) return path.startsWith(pattern.slice(0, -1));
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) =>
      part.startsWith(':') ? given[index] !== '' : part === given[index],
    )
  );
}
