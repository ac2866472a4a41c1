import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppServer } from '../app-server.ts';
import type { ServedRequest } from '../server-parts.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** One line and one count for each answer. Reads that went well are for debugging only: a menu is polled. */
export function logRequests(app: AppServer, record: (served: ServedRequest) => void): void {
  app.addHook('onResponse', async (request, reply) => {
    const served = servedRequest(request, reply);
    record(served);
    const isQuiet = ['GET', 'HEAD'].includes(served.method) && served.status < 400;
    const line = {
      method: served.method,
      route: served.route,
      status: served.status,
      duration_ms: Math.round(served.durationMs * 10) / 10,
      ...(request.callerName === undefined ? {} : { caller: request.callerName }),
    };
    if (isQuiet) request.log.debug(line, 'request served');
    else request.log.info(line, 'request served');
  });
}

/** Whatever a caller sends, method and route stay in closed sets: they are labels of a metric. */
function servedRequest(request: FastifyRequest, reply: FastifyReply): ServedRequest {
  return {
    method: METHODS.includes(request.method) ? request.method : 'other',
    route: request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched'),
    status: reply.statusCode,
    durationMs: reply.elapsedTime,
  };
}
