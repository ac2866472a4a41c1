import { json } from '../json.ts';
import type { Facade, FacadeOptions, Marketplace, SimReply } from '../model.ts';
import { matchRoute, type RouteTable } from './routes.ts';
import { isAuthorized, listAuthorizations, testAuthorization } from './v0-auth.ts';
import { balance, revenue, summary } from './v0-billing.ts';
import { failed, fieldsOf, type V0Context } from './v0-context.ts';
import { deploySingle } from './v0-deploy.ts';
import { getHostnode, listHostnodes } from './v0-hostnodes.ts';
import { deployInstant, listInstantVms } from './v0-instant.ts';
import {
  deleteMachine,
  getMachine,
  listMachines,
  modifyMachine,
  startMachine,
  stopMachine,
} from './v0-machines.ts';
import { validateExistingSpot, validateNewSpot } from './v0-spot.ts';

/** Another marketplace has an `/api/v0` of its own, with other names behind it. */
const OWN_PATH = /^\/api\/v0(\/(?:auth|client|billing)\/.+)$/;

/** What anybody may look at; the pair adds reserved hostnodes, of which there are none here. */
const OPEN_ROUTES: RouteTable<V0Context> = {
  'GET /client/deploy/hostnodes': listHostnodes,
  'GET /client/deploy/hostnodes/{id}': getHostnode,
  'GET /client/deploy/instantvms': listInstantVms,
};

const ACCOUNT_ROUTES: RouteTable<V0Context> = {
  'POST /auth/test': testAuthorization,
  'POST /auth/list': listAuthorizations,
  'POST /client/deploy/single': deploySingle,
  'POST /client/deployinstant/single': deployInstant,
  'POST /client/list': listMachines,
  'POST /client/get/single': getMachine,
  'POST /client/start/single': startMachine,
  'POST /client/stop/single': stopMachine,
  'POST /client/modify/single': modifyMachine,
  'POST /client/delete/single': deleteMachine,
  'POST /client/spot/validate/new': validateNewSpot,
  'POST /client/spot/validate/existing': validateExistingSpot,
  'POST /client/container/deploy': withdrawnContainers,
  'POST /client/container/scale': withdrawnContainers,
  'POST /client/container/stop': withdrawnContainers,
  'GET /client/container/{id}/replicas': withdrawnContainers,
  'POST /billing/balance': balance,
  'POST /billing/summary': summary,
  'POST /billing/revenue': revenue,
};

/** TensorDock's v0 API. It publishes no rate limit, so it has none here. */
export function tensordockV0Facade(market: Marketplace, options: FacadeOptions): Facade {
  return async (request) => {
    const path = OWN_PATH.exec(request.path.replace(/\/$/, ''))?.[1];
    if (path === undefined) return undefined;
    const context = { market, quirks: options.quirks, fields: fieldsOf(request) };
    return route(context, { method: request.method, path });
  };
}

async function route(
  context: V0Context,
  asked: { readonly method: string; readonly path: string },
): Promise<SimReply> {
  const open = matchRoute(OPEN_ROUTES, asked);
  if (open.kind === 'found') return open.handler(context, open.id);
  const match = matchRoute(ACCOUNT_ROUTES, asked);
  if (open.kind === 'wrong_method' || match.kind === 'wrong_method') {
    return json(405, { success: false, error: 'Method not allowed' });
  }
  if (match.kind === 'unknown') return json(404, { success: false, error: 'Not found' });
  if (!isAuthorized(context)) return failed('Invalid authorization');
  return match.handler(context, match.id);
}

function withdrawnContainers(): SimReply {
  return failed('This endpoint is now deprecated. We no longer support containers.');
}
