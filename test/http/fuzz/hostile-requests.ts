import fc from 'fast-check';
import { bodyFor, type HostileBody } from './hostile-bodies.ts';
import { headersFor } from './hostile-headers.ts';
import { pathFor, queryFor } from './hostile-targets.ts';
import type { ServedRoute } from './served-routes.ts';

export interface HostileRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | Buffer;
}

const OTHER_METHODS = [
  'HEAD',
  'OPTIONS',
  'PUT',
  'PATCH',
  'DELETE',
  'POST',
  'GET',
  'TRACE',
  'QUERY',
];

/** Requests around what a route declares: right ones, ones that are wrong in one place, and nonsense. */
export function requestFor(route: ServedRoute): fc.Arbitrary<HostileRequest> {
  const method = fc.oneof(
    { weight: 30, arbitrary: fc.constant(route.method) },
    { weight: 1, arbitrary: fc.constantFrom(...OTHER_METHODS) },
  );
  return fc
    .tuple(method, pathFor(route), queryFor(route.query), headersFor(route), bodyFor(route))
    .map(([drawnMethod, path, query, headers, body]) => ({
      method: drawnMethod,
      url: query === '' ? path : `${path}?${query}`,
      headers: { ...mediaTypeOf(body), ...headers },
      ...(body === undefined ? {} : { payload: body.payload }),
    }));
}

function mediaTypeOf(body: HostileBody | undefined): Readonly<Record<string, string>> {
  return body?.mediaType === undefined ? {} : { 'content-type': body.mediaType };
}

/** Of any route, and of those that rent more often than of the others. */
export function anyRequest(routes: readonly ServedRoute[]): fc.Arbitrary<HostileRequest> {
  return fc.oneof(
    ...routes.map((route) => ({
      weight: route.name === 'POST /sessions' ? 15 : 1,
      arbitrary: requestFor(route),
    })),
  );
}
