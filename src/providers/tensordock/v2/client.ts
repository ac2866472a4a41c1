import { Value } from '@sinclair/typebox/value';
import { ProviderFailure } from '../../../domain/errors.ts';
import type { ProviderInstanceId } from '../../../domain/ids.ts';
import { HttpTransport, type TransportParts } from '../../http-transport.ts';
import {
  type CallShape,
  exchange,
  exchangeIfKnown,
  type Reading,
  readAcceptance,
} from '../exchange.ts';
import { DEADLINE_MS, GATES, MARKETPLACE } from '../marketplace.ts';
import type { Effect } from '../refusal.ts';
import { PlainId } from '../wire-values.ts';
import { v2Refusal } from './failures.ts';
import { type Hostnode, readHostnode, readHostnodes } from './hostnode-wire.ts';
import {
  type InstanceRow,
  type LocationGpu,
  readCreatedId,
  readInstances,
  readLocations,
  readSingle,
} from './wire.ts';

export const API = 'tensordock-v2';

export interface TensordockV2Access {
  /** Bearer token. */
  readonly apiToken: string;
  /** Authorization id, the `api_key` of the query form. */
  readonly authId?: string;
  /** No trailing slash, without `/api/v2`. */
  readonly baseUrl: string;
}

/** The calls of the v2 API that the broker needs, their answers checked at the door. */
export interface V2Client {
  locations(): Promise<readonly LocationGpu[]>;
  create(attributes: Readonly<Record<string, unknown>>): Promise<ProviderInstanceId>;
  hostnodes(): Promise<readonly Hostnode[]>;
  /** With its free ports; undefined when there is no such host. */
  hostnode(id: string): Promise<Hostnode | undefined>;
  /** Fails as `unauthorized` where the token does not open machines; what the account holds is not read. */
  checkToken(): Promise<true>;
  instances(): Promise<readonly InstanceRow[]>;
  instance(id: ProviderInstanceId): Promise<InstanceRow | undefined>;
  remove(id: ProviderInstanceId): Promise<void>;
  start(id: ProviderInstanceId): Promise<void>;
  stop(id: ProviderInstanceId): Promise<void>;
}

export function createV2Client(parts: TransportParts, access: TensordockV2Access): V2Client {
  const transport = new HttpTransport(parts, {
    provider: MARKETPLACE,
    api: API,
    baseUrl: access.baseUrl,
    gates: GATES,
    secrets: [access.apiToken, access.authId ?? ''],
  });
  const bearer = { authorization: `Bearer ${access.apiToken}` };
  return {
    locations: () =>
      exchange(transport, locationsCall(access, bearer), reading('none', readLocations)),
    create: (attributes) =>
      exchange(transport, createCall(attributes, bearer), reading('launch', readCreatedId)),
    hostnodes: () => exchange(transport, hostnodesCall(bearer), reading('none', readHostnodes)),
    hostnode: (id) =>
      exchangeIfKnown(
        transport,
        hostnodeCall(id, bearer),
        reading('none', (json) => sameAs(id, readHostnode(json))),
      ),
    checkToken: () =>
      exchange(transport, tokenCall(bearer), {
        ...reading('none', readInstances),
        read: () => true,
      }),
    instances: () => exchange(transport, listCall(bearer), reading('none', readInstances)),
    instance: async (id) =>
      exchangeIfKnown(
        transport,
        singleCall(id, bearer),
        reading('none', (json) => sameAs(id, readSingle(json))),
      ),
    remove: async (id) => {
      await exchangeIfKnown(transport, removeCall(id, bearer), acceptance('terminate'));
    },
    start: async (id) => {
      await exchange(transport, powerCall(id, 'start', bearer), acceptance('start'));
    },
    stop: async (id) => {
      await exchange(transport, powerCall(id, 'stop', bearer), acceptance('stop'));
    },
  };
}

type Headers = Readonly<Record<string, string>>;

function reading<Value>(
  effect: Effect,
  read: (json: unknown) => Value | undefined,
): Reading<Value> {
  return { effect, refusal: v2Refusal, read: (reply) => read(reply.json) };
}

function acceptance(effect: Effect): Reading<true> {
  return { effect, refusal: v2Refusal, read: readAcceptance };
}

/** Another machine's data, or another host's, is worse than none. */
function sameAs<Row extends { readonly id: string }>(
  id: string,
  row: Row | undefined,
): Row | undefined {
  return row?.id === id ? row : undefined;
}

/** Locations have been seen to take the credentials in the query, unlike everything else. */
function locationsCall({ authId, apiToken }: TensordockV2Access, bearer: Headers): CallShape {
  return {
    operation: 'offers',
    method: 'GET',
    path: '/api/v2/locations',
    ...(authId ? { query: { api_key: authId, api_token: apiToken } } : { headers: bearer }),
    deadlineMs: DEADLINE_MS.offers,
    priority: 'search',
    gates: ['account'],
  };
}

function hostnodesCall(bearer: Headers): CallShape {
  return {
    operation: 'offers',
    method: 'GET',
    path: '/api/v2/hostnodes',
    headers: bearer,
    deadlineMs: DEADLINE_MS.offers,
    priority: 'search',
    gates: ['account'],
  };
}

/** Part of a launch, and as urgent. */
function hostnodeCall(id: string, bearer: Headers): CallShape {
  return {
    operation: 'offers',
    method: 'GET',
    path: `/api/v2/hostnodes/${checked(id)}`,
    headers: bearer,
    deadlineMs: DEADLINE_MS.read,
    priority: 'launch',
    gates: ['account'],
  };
}

function tokenCall(bearer: Headers): CallShape {
  return {
    ...listCall(bearer),
    operation: 'auth',
    priority: 'search',
    deadlineMs: DEADLINE_MS.probe,
  };
}

function createCall(attributes: Readonly<Record<string, unknown>>, bearer: Headers): CallShape {
  return {
    operation: 'launch',
    method: 'POST',
    path: '/api/v2/instances',
    headers: { ...bearer, 'content-type': 'application/json' },
    body: JSON.stringify({ data: { type: 'virtualmachine', attributes } }),
    deadlineMs: DEADLINE_MS.launch,
    priority: 'launch',
    gates: ['create', 'account'],
  };
}

function listCall(bearer: Headers): CallShape {
  return {
    operation: 'list',
    method: 'GET',
    path: '/api/v2/instances',
    headers: bearer,
    deadlineMs: DEADLINE_MS.read,
    priority: 'list',
    gates: ['account'],
  };
}

function pathOf(id: ProviderInstanceId): string {
  return `/api/v2/instances/${checked(id)}`;
}

/** Ids are checked at the door; one that was not could name another path. */
function checked(id: string): string {
  if (Value.Check(PlainId, id)) return id;
  throw new ProviderFailure({ kind: 'invalid', outcome: 'not_done', detail: 'no plain id' });
}

function singleCall(id: ProviderInstanceId, bearer: Headers): CallShape {
  return {
    operation: 'get',
    method: 'GET',
    path: pathOf(id),
    headers: bearer,
    deadlineMs: DEADLINE_MS.read,
    priority: 'status',
    gates: ['account'],
  };
}

function removeCall(id: ProviderInstanceId, bearer: Headers): CallShape {
  return {
    operation: 'terminate',
    method: 'DELETE',
    path: pathOf(id),
    headers: bearer,
    deadlineMs: DEADLINE_MS.terminate,
    priority: 'terminate',
    gates: ['account'],
  };
}

/** Both change what is billed, and neither is as urgent as an end. */
function powerCall(id: ProviderInstanceId, act: 'start' | 'stop', bearer: Headers): CallShape {
  return {
    operation: act,
    method: 'POST',
    path: `${pathOf(id)}/${act}`,
    headers: bearer,
    deadlineMs: DEADLINE_MS.terminate,
    priority: 'launch',
    gates: ['account'],
  };
}
