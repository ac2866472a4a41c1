import { Value } from '@sinclair/typebox/value';
import { ProviderFailure } from '../../../domain/errors.ts';
import type { ProviderInstanceId } from '../../../domain/ids.ts';
import type { CallShape } from '../exchange.ts';
import { DEADLINE_MS } from '../marketplace.ts';
import { PlainId } from '../wire-values.ts';

export interface TensordockV2Access {
  /** Bearer token. */
  readonly apiToken: string;
  /** Authorization id, the `api_key` of the query form. */
  readonly authId?: string;
  /** No trailing slash, without `/api/v2`. */
  readonly baseUrl: string;
}

/** Every call of the v2 API that is used: where it goes, how urgent it is and how long it may take. */
export interface V2Calls {
  locations(): CallShape;
  hostnodes(): CallShape;
  hostnode(id: string): CallShape;
  token(): CallShape;
  create(attributes: Readonly<Record<string, unknown>>): CallShape;
  instances(): CallShape;
  instance(id: ProviderInstanceId): CallShape;
  remove(id: ProviderInstanceId): CallShape;
  power(id: ProviderInstanceId, act: 'start' | 'stop'): CallShape;
}

export function createV2Calls(access: TensordockV2Access): V2Calls {
  const bearer = { authorization: `Bearer ${access.apiToken}` };
  return {
    locations: () => ({
      ...LOOK,
      ...DISCOVERY,
      path: '/api/v2/locations',
      ...discoveryCredentials(access, bearer),
    }),
    hostnodes: () => ({ ...LOOK, ...DISCOVERY, path: '/api/v2/hostnodes', headers: bearer }),
    hostnode: (id) => ({
      ...LOOK,
      operation: 'offers',
      path: `/api/v2/hostnodes/${plain(id)}`,
      headers: bearer,
      // Part of a launch, and as urgent.
      priority: 'launch',
    }),
    token: () => ({
      ...LOOK,
      operation: 'auth',
      path: INSTANCES,
      headers: bearer,
      deadlineMs: DEADLINE_MS.probe,
      priority: 'search',
    }),
    create: (attributes) => ({
      operation: 'launch',
      method: 'POST',
      path: INSTANCES,
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ data: { type: 'virtualmachine', attributes } }),
      deadlineMs: DEADLINE_MS.launch,
      priority: 'launch',
      gates: ['create', 'account'],
    }),
    instances: () => ({
      ...LOOK,
      operation: 'list',
      path: INSTANCES,
      headers: bearer,
      priority: 'list',
    }),
    instance: (id) => ({
      ...LOOK,
      operation: 'get',
      path: pathOf(id),
      headers: bearer,
      priority: 'status',
    }),
    remove: (id) => ({
      ...ACT,
      operation: 'terminate',
      method: 'DELETE',
      path: pathOf(id),
      headers: bearer,
      priority: 'terminate',
    }),
    // Both change what is billed, and neither is as urgent as an end.
    power: (id, act) => ({
      ...ACT,
      operation: act,
      method: 'POST',
      path: `${pathOf(id)}/${act}`,
      headers: bearer,
      priority: 'launch',
    }),
  };
}

const INSTANCES = '/api/v2/instances';
const LOOK = { method: 'GET', deadlineMs: DEADLINE_MS.read, gates: ['account'] } as const;
const ACT = { deadlineMs: DEADLINE_MS.terminate, gates: ['account'] } as const;
const DISCOVERY = {
  operation: 'offers',
  deadlineMs: DEADLINE_MS.offers,
  priority: 'search',
} as const;

/** Locations have been seen to take the credentials in the query, unlike everything else. */
function discoveryCredentials(
  { authId, apiToken }: TensordockV2Access,
  bearer: Readonly<Record<string, string>>,
): Pick<CallShape, 'query' | 'headers'> {
  return authId ? { query: { api_key: authId, api_token: apiToken } } : { headers: bearer };
}

function pathOf(id: ProviderInstanceId): string {
  return `${INSTANCES}/${plain(id)}`;
}

/** Ids are checked at the door; one that was not could name another path. */
function plain(id: string): string {
  if (Value.Check(PlainId, id)) return id;
  throw new ProviderFailure({ kind: 'invalid', outcome: 'not_done', detail: 'no plain id' });
}
