import type { Facade, FacadeOptions, Marketplace, SimReply, SimRequest } from '../model.ts';
import { createRateWindow } from './rate-window.ts';
import { matchRoute, type RouteTable } from './routes.ts';
import type { V2Context } from './v2-context.ts';
import { createInstance } from './v2-create.ts';
import { errorReply } from './v2-errors.ts';
import { getHostnode, listHostnodes } from './v2-hostnodes.ts';
import {
  deleteInstance,
  getInstance,
  listInstances,
  modifyInstance,
  startInstance,
  stopInstance,
} from './v2-instances.ts';
import { listLocations } from './v2-locations.ts';

const OWN_PATH = /^\/api\/v2(\/(?:locations|hostnodes|instances)(?:\/.*)?)$/;

/** Per organization and minute (instances document). The status and the form of the refusal are its own too. */
const RATE_LIMIT = { requests: 100, windowMs: 60_000 };

const ROUTES: RouteTable<V2Context> = {
  'GET /locations': listLocations,
  'GET /hostnodes': listHostnodes,
  'GET /hostnodes/{id}': getHostnode,
  'GET /instances': listInstances,
  'POST /instances': createInstance,
  'GET /instances/{id}': getInstance,
  'DELETE /instances/{id}': deleteInstance,
  'POST /instances/{id}/start': startInstance,
  'POST /instances/{id}/stop': stopInstance,
  'PUT /instances/{id}/modify': modifyInstance,
};

/** TensorDock's v2 API. */
export function tensordockV2Facade(market: Marketplace, options: FacadeOptions): Facade {
  const window = createRateWindow(market.clock, RATE_LIMIT);
  const chance = market.chance.fork('tensordock-v2');
  let lists = 0;
  const countList = () => lists++;
  return async (request) => {
    const path = OWN_PATH.exec(request.path.replace(/\/$/, ''))?.[1];
    if (path === undefined) return undefined;
    if (options.rateLimits && !window.admits()) {
      return errorReply(429, 'Rate limit of 100 requests per minute exceeded');
    }
    const isOpen = options.quirks.v2DiscoveryAs === 'open' && !path.startsWith('/instances');
    if (!isOpen && !isAuthorized(market, request, path)) return errorReply(401, 'Unauthorized');
    return route({ market, quirks: options.quirks, chance, countList, request }, path);
  };
}

async function route(context: V2Context, path: string): Promise<SimReply> {
  const match = matchRoute(ROUTES, { method: context.request.method, path });
  switch (match.kind) {
    case 'found':
      return match.handler(context, match.id);
    case 'wrong_method':
      return errorReply(405, 'Method not allowed');
    case 'unknown':
      return errorReply(404, 'Not found');
  }
}

/** Instances take the bearer token only; the pair in the query opens what can be looked at (fact sheet §1). */
function isAuthorized({ credentials }: Marketplace, request: SimRequest, path: string): boolean {
  if (request.headers['authorization'] === `Bearer ${credentials.tensordockToken}`) return true;
  return (
    !path.startsWith('/instances') &&
    request.query.get('api_key') === credentials.tensordockAuthId &&
    request.query.get('api_token') === credentials.tensordockToken
  );
}
