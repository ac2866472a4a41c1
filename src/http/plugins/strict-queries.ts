import type { FastifyRequest } from 'fastify';
import type { AppServer } from '../app-server.ts';
import { type Problem, refuseProblems } from '../validation/problem.ts';
import { coerceQuery } from '../validation/query-coercion.ts';

/** Reads numbers in query strings before they are validated; bodies have types of their own and are left alone. */
export function coerceQueries(app: AppServer): void {
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.url.includes('?')) request.query = strictQuery(request);
    done();
  });
}

/** The query in the types of its route's schema; not validated. */
export function strictQuery({ url, query, routeOptions }: FastifyRequest): unknown {
  if (url.includes('%')) refuseProblems(escapeProblems(url));
  return coerceQuery(query, routeOptions.schema?.querystring);
}

/** An escape that is cut or no UTF-8 would be read as some other text, which then finds nothing and says nothing. */
function escapeProblems(target: string): readonly Problem[] {
  const [, query = ''] = /\?(.*)$/s.exec(target) ?? [];
  const broken = query.split('&').filter((parameter) => !isDecodable(parameter));
  const message = 'is not valid percent-encoding; a percent sign itself is written %25';
  return broken.map((parameter) => ({ path: shownName(parameter), message }));
}

function shownName(parameter: string): string {
  const [name = ''] = parameter.split('=', 1);
  return isDecodable(name) && name !== '' ? decodeURIComponent(name).slice(0, 64) : 'querystring';
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    return false;
  }
}
