import type { ProviderInstanceId } from '../../../domain/ids.ts';
import type { CallSubject } from '../../../ports/provider.ts';
import { HttpTransport, type TransportParts } from '../../http-transport.ts';
import {
  type CallShape,
  exchange,
  exchangeIfKnown,
  type Reading,
  readAcceptance,
} from '../exchange.ts';
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
  /** The same, with calls that are recorded as made for this. */
  about(subject: CallSubject): V2Client;
}

export function createV2Client(parts: TransportParts, access: TensordockV2Access): V2Client {
  const transport = new HttpTransport(parts, {
    provider: MARKETPLACE,
    api: API,
    baseUrl: access.baseUrl,
    gates: GATES,
    secrets: [access.apiToken, access.authId ?? ''],
  });
  return clientOver(transport, createV2Calls(access), {});
}

function clientOver(
  transport: HttpTransport,
  calls: ReturnType<typeof createV2Calls>,
  about: CallSubject,
): V2Client {
  const ask = <Value>(shape: CallShape, how: Reading<Value>): Promise<Value> =>
    exchange(transport, { ...shape, about }, how);
  const askIfKnown = <Value>(shape: CallShape, how: Reading<Value>): Promise<Value | undefined> =>
    exchangeIfKnown(transport, { ...shape, about }, how);
  return {
    about: (subject) => clientOver(transport, calls, subject),
    locations: () => ask(calls.locations(), reading('none', readLocations)),
    hostnodes: () => ask(calls.hostnodes(), reading('none', readHostnodes)),
    hostnode: async (id) =>
      askIfKnown(
        calls.hostnode(id),
        reading('none', (json) => sameAs(id, readHostnode(json))),
      ),
    checkToken: () => ask(calls.token(), { ...acceptance('none'), read: () => true }),
    create: (attributes) => ask(calls.create(attributes), reading('launch', readCreatedId)),
    instances: () => ask(calls.instances(), reading('none', readInstances)),
    instance: async (id) =>
      askIfKnown(
        calls.instance(id),
        reading('none', (json) => sameAs(id, readSingle(json))),
      ),
    remove: async (id) => {
      await askIfKnown(calls.remove(id), acceptance('terminate'));
    },
    start: async (id) => {
      await ask(calls.power(id, 'start'), acceptance('start'));
    },
    stop: async (id) => {
      await ask(calls.power(id, 'stop'), acceptance('stop'));
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
