import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppServer } from '../app-server.ts';
import type { ServedRequest } from '../server-parts.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Reads that take longer than this are told of where others are not. */
const SLOW_MS = 1_000;
/** The levels of a log that shows lines for debugging. */
const DEBUGGING = ['trace', 'debug'];

/** One line and one count for each answer. Reads that went well are for debugging only: a menu is polled. */
export function logRequests(app: AppServer, record: (served: ServedRequest) => void): void {
  app.addHook('onResponse', (request, reply, done) => {
    const served = servedRequest(request, reply);
    record(served);
    if (!isQuiet(served)) request.log.info(lineOf(served, request), 'request served');
    // A line that nobody reads is not made up either.
    else if (DEBUGGING.includes(app.log.level)) {
      request.log.debug(lineOf(served, request), 'request served');
    }
    done();
  });
}

function isQuiet({ method, status, durationMs }: ServedRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && status < 400 && durationMs < SLOW_MS;
}

function lineOf(served: ServedRequest, { callerName }: FastifyRequest) {
  return {
    method: served.method,
    route: served.route,
    status: served.status,
    duration_ms: Math.round(served.durationMs * 10) / 10,
    ...(callerName === undefined ? {} : { caller: callerName }),
  };
}

/** Whatever a caller sends, method and route stay in closed sets: they are labels of a metric. */
export function servedRequest(request: FastifyRequest, reply: FastifyReply): ServedRequest {
  return {
    method: METHODS.includes(request.method) ? request.method : 'other',
    route: request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched'),
    status: reply.statusCode,
    durationMs: reply.elapsedTime,
  };
}
