import type { ProviderInstanceId } from '../../../domain/ids.ts';
import type { ProviderOperation } from '../../../ports/recorder.ts';
import { HttpTransport, type TransportParts } from '../../http-transport.ts';
import type { Priority } from '../../rate-gate.ts';
import {
  type CallShape,
  exchange,
  exchangeIfKnown,
  type Reading,
  readAcceptance,
} from '../exchange.ts';
import { DEADLINE_MS, GATES, MARKETPLACE } from '../marketplace.ts';
import type { Effect } from '../refusal.ts';
import { v0Refusal } from './failures.ts';
import {
  type Hostnode,
  type Machine,
  readBalance,
  readDeployedId,
  readHostnodes,
  readMachine,
  readMachines,
} from './wire.ts';

export const API = 'tensordock-v0';

export interface TensordockV0Access {
  /** Authorization id: `api_key`. */
  readonly authId: string;
  /** `api_token`. */
  readonly apiToken: string;
  /** No trailing slash, without `/api/v0`. */
  readonly baseUrl: string;
}

type Form = Readonly<Record<string, string>>;

/** The calls of the v0 API that the broker needs, their answers checked at the door. */
export interface V0Client {
  hostnodes(): Promise<readonly Hostnode[]>;
  deploy(form: Form): Promise<ProviderInstanceId>;
  machines(): Promise<readonly Machine[]>;
  machine(id: ProviderInstanceId): Promise<Machine | undefined>;
  remove(id: ProviderInstanceId): Promise<void>;
  /** Dollars. */
  balance(): Promise<number>;
}

export function createV0Client(parts: TransportParts, access: TensordockV0Access): V0Client {
  const transport = new HttpTransport(parts, {
    provider: MARKETPLACE,
    api: API,
    baseUrl: access.baseUrl,
    gates: GATES,
    secrets: [access.apiToken, access.authId],
  });
  const credentials = { api_key: access.authId, api_token: access.apiToken };
  const post = (target: Target, form: Form = {}): CallShape =>
    postCall(target, { ...credentials, ...form });
  return {
    hostnodes: () =>
      exchange(transport, hostnodesCall(credentials), reading('none', readHostnodes)),
    deploy: (form) => exchange(transport, post(DEPLOY, form), reading('launch', readDeployedId)),
    machines: () => exchange(transport, post(LIST), reading('none', readMachines)),
    machine: (id) =>
      exchangeIfKnown(
        transport,
        post(SINGLE, { server: id }),
        reading('none', (json) => readMachine(id, json)),
      ),
    remove: async (id) => {
      const call = post(REMOVE, { server: id });
      await exchangeIfKnown(transport, call, {
        effect: 'terminate',
        refusal: v0Refusal,
        read: readAcceptance,
      });
    },
    balance: () => exchange(transport, post(BALANCE), reading('none', readBalance)),
  };
}

interface Target {
  readonly operation: ProviderOperation;
  readonly path: string;
  readonly deadlineMs: number;
  readonly priority: Priority;
  readonly gates: readonly (keyof typeof GATES)[];
}

const DEPLOY: Target = {
  operation: 'launch',
  path: '/api/v0/client/deploy/single',
  deadlineMs: DEADLINE_MS.launch,
  priority: 'launch',
  gates: ['create', 'account'],
};
const LIST: Target = {
  operation: 'list',
  path: '/api/v0/client/list',
  deadlineMs: DEADLINE_MS.read,
  priority: 'list',
  gates: ['account'],
};
const SINGLE: Target = {
  operation: 'get',
  path: '/api/v0/client/get/single',
  deadlineMs: DEADLINE_MS.read,
  priority: 'status',
  gates: ['account'],
};
const REMOVE: Target = {
  operation: 'terminate',
  path: '/api/v0/client/delete/single',
  deadlineMs: DEADLINE_MS.terminate,
  priority: 'terminate',
  gates: ['account'],
};
const BALANCE: Target = {
  operation: 'balance',
  path: '/api/v0/billing/balance',
  deadlineMs: DEADLINE_MS.read,
  priority: 'search',
  gates: ['account'],
};

/** With credentials the list also shows hostnodes that are reserved for this organisation. */
function hostnodesCall(credentials: Form): CallShape {
  return {
    operation: 'offers',
    method: 'GET',
    path: '/api/v0/client/deploy/hostnodes',
    query: credentials,
    deadlineMs: DEADLINE_MS.offers,
    priority: 'search',
    gates: ['account'],
  };
}

function postCall(target: Target, form: Form): CallShape {
  return {
    ...target,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  };
}

function reading<Value>(
  effect: Effect,
  read: (json: unknown) => Value | undefined,
): Reading<Value> {
  return { effect, refusal: v0Refusal, read: (reply) => read(reply.json) };
}
