import type { ProviderInstanceId } from '../../../domain/ids.ts';
import { HttpTransport, type TransportParts } from '../../http-transport.ts';
import { exchange, exchangeIfKnown, type Reading, readAcceptance } from '../exchange.ts';
import { GATES, MARKETPLACE } from '../marketplace.ts';
import type { Effect } from '../refusal.ts';
import { createV2Calls, type TensordockV2Access } from './calls.ts';
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

/** The calls of the v2 API that the broker needs, their answers checked at the door. */
export interface V2Client {
  locations(): Promise<readonly LocationGpu[]>;
  hostnodes(): Promise<readonly Hostnode[]>;
  /** With its free ports; undefined when there is no such host. */
  hostnode(id: string): Promise<Hostnode | undefined>;
  /** Fails as `unauthorized` where the token does not open machines; what the account holds is not read. */
  checkToken(): Promise<true>;
  create(attributes: Readonly<Record<string, unknown>>): Promise<ProviderInstanceId>;
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
  const calls = createV2Calls(access);
  return {
    locations: () => exchange(transport, calls.locations(), reading('none', readLocations)),
    hostnodes: () => exchange(transport, calls.hostnodes(), reading('none', readHostnodes)),
    hostnode: async (id) =>
      exchangeIfKnown(
        transport,
        calls.hostnode(id),
        reading('none', (json) => sameAs(id, readHostnode(json))),
      ),
    checkToken: () =>
      exchange(transport, calls.token(), { ...acceptance('none'), read: () => true }),
    create: (attributes) =>
      exchange(transport, calls.create(attributes), reading('launch', readCreatedId)),
    instances: () => exchange(transport, calls.instances(), reading('none', readInstances)),
    instance: async (id) =>
      exchangeIfKnown(
        transport,
        calls.instance(id),
        reading('none', (json) => sameAs(id, readSingle(json))),
      ),
    remove: async (id) => {
      await exchangeIfKnown(transport, calls.remove(id), acceptance('terminate'));
    },
    start: async (id) => {
      await exchange(transport, calls.power(id, 'start'), acceptance('start'));
    },
    stop: async (id) => {
      await exchange(transport, calls.power(id, 'stop'), acceptance('stop'));
    },
  };
}

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
