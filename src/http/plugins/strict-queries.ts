import { parse } from 'node:querystring';
import type { FastifyRequest } from 'fastify';
import type { AppServer } from '../app-server.ts';
import { isRecord } from '../validation/is-record.ts';
import { type Problem, refuseProblems } from '../validation/problem.ts';
import { coerceQuery } from '../validation/query-coercion.ts';

/** Reads numbers in query strings before they are validated; bodies have types of their own and are left alone. */
export function coerceQueries(app: AppServer): void {
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.url.includes('?')) request.query = strictQuery(request);
    done();
  });
}

/** For the router: what stands behind the question mark, as it came. An answer that is ready needs no more of it. */
export function unreadQuery(search: string): Readonly<Record<string, unknown>> {
  return search === '' ? {} : { search };
}

/** What {@link unreadQuery} left in a request whose query was not read yet; empty without one. */
export function searchOf({ query }: FastifyRequest): string {
  return isRecord(query) ? String(query['search'] ?? '') : '';
}

/** The query in the types of its route's schema; not validated. */
export function strictQuery(request: FastifyRequest): unknown {
  const search = searchOf(request);
  if (search.includes('%')) refuseProblems(escapeProblems(search));
  return readQuery(search, request);
}

/** As {@link strictQuery}, of a single parameter; undefined where its escapes are broken. */
export function strictParameter(parameter: string, request: FastifyRequest): unknown {
  return isDecodable(parameter) ? readQuery(parameter, request) : undefined;
}

function readQuery(search: string, { routeOptions }: FastifyRequest): unknown {
  return coerceQuery(parse(search), routeOptions.schema?.querystring);
}

/** An escape that is cut or no UTF-8 would be read as some other text, which then finds nothing and says nothing. */
function escapeProblems(search: string): readonly Problem[] {
  const broken = search.split('&').filter((parameter) => !isDecodable(parameter));
  const message = 'is not valid percent-encoding; a percent sign itself is written %25';
  return broken.map((parameter) => ({ path: shownName(parameter), message }));
}

function shownName(parameter: string): string {
  const [name = ''] = parameter.split('=', 1);
  return isDecodable(name) && name !== '' ? decodeURIComponent(name).slice(0, 64) : 'querystring';
}

function isDecodable(text: string): boolean {
  if (!text.includes('%')) return true;
  try {
    decodeURIComponent(text);
    return true;
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    return false;
  }
}
