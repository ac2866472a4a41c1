import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { ProviderInstanceId } from '../../../domain/ids.ts';
import type { MicroUsd } from '../../../domain/money.ts';
import type { AccountStatement, CallSubject } from '../../../ports/provider.ts';
import type { Reply } from '../../http-transport.ts';
import { HttpTransport, type TransportParts } from '../../http-transport.ts';
import {
  type CallShape,
  exchange,
  exchangeIfKnown,
  isSuccess,
  type Reading,
  readAcceptance,
} from '../exchange.ts';
import { MIN_DISK_GB } from '../listing.ts';
import { GATES, MARKETPLACE } from '../marketplace.ts';
import type { Effect, Refusal } from '../refusal.ts';
import { readBalance, readExpenses } from './billing-wire.ts';
import { CALLS, type Form, getCall, postCall, type Target } from './calls.ts';
import { v0Refusal } from './failures.ts';
import { type InstantRow, readInstantVms } from './instant-wire.ts';
import { type BidVerdict, readComputePrice, readVerdict, verdictRefusal } from './spot-wire.ts';
import {
  type Hostnode,
  type Machine,
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

export interface Deployed {
  readonly id: ProviderInstanceId;
  /** Micro-dollars an hour without the disk, where the answer tells. */
  readonly computePerHour?: MicroUsd;
}

/** The calls of the v0 API that the broker needs, their answers checked at the door. */
export interface V0Client {
  /** Fails as unauthorized when the pair of credentials is not good: lists of hostnodes are for anybody. */
  testPair(): Promise<void>;
  hostnodes(): Promise<readonly Hostnode[]>;
  instantVms(): Promise<readonly InstantRow[]>;
  deploy(form: Form): Promise<Deployed>;
  deployInstant(form: Form): Promise<Deployed>;
  /** Rents nothing: what the market says of a bid that a launch is to make. */
  tryBid(form: Form): Promise<BidVerdict>;
  /** The same, of a machine that is there and is to run again. */
  tryExisting(form: Form): Promise<BidVerdict>;
  /** The same, of a bid that nobody means yet. */
  probeBid(form: Form): Promise<BidVerdict>;
  machines(): Promise<readonly Machine[]>;
  machine(id: ProviderInstanceId): Promise<Machine | undefined>;
  start(id: ProviderInstanceId): Promise<void>;
  /** Gives the GPUs back. */
  stop(id: ProviderInstanceId): Promise<void>;
  remove(id: ProviderInstanceId): Promise<void>;
  balance(): Promise<AccountStatement>;
  /** By machine, micro-dollars of a calendar month such as `2024-01`. */
  expenses(period: string): Promise<ReadonlyMap<ProviderInstanceId, MicroUsd>>;
  /** The same, with calls that are recorded as made for this. */
  about(subject: CallSubject): V0Client;
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
  return clientOver(transport, credentials, {});
}

function clientOver(transport: HttpTransport, credentials: Form, about: CallSubject): V0Client {
  const shapeOf = (target: Target, form: Form): CallShape => ({
    ...postCall(target, { ...credentials, ...form }),
    about,
  });
  const post = <Value>(target: Target, reading: Reading<Value>, form: Form = {}): Promise<Value> =>
    exchange(transport, shapeOf(target, form), reading);
  const ifKnown = <Value>(target: Target, reading: Reading<Value>, form: Form) =>
    exchangeIfKnown(transport, shapeOf(target, form), reading);
  return {
    about: (subject) => clientOver(transport, credentials, subject),
    testPair: async () => void (await post(CALLS.testPair, PAIR_TEST)),
    hostnodes: () =>
      exchange(
        transport,
        getCall(CALLS.hostnodes, { ...credentials, ...WORTH_READING }),
        json('none', readHostnodes),
      ),
    instantVms: () =>
      exchange(transport, getCall(CALLS.instantVms, credentials), json('none', readInstantVms)),
    deploy: (form) => post(CALLS.deploy, DEPLOYING, form),
    deployInstant: (form) => post(CALLS.deployInstant, DEPLOYING, form),
    tryBid: (form) => post(CALLS.tryBid, BIDDING, form),
    tryExisting: (form) => post(CALLS.tryExisting, BIDDING, form),
    probeBid: (form) => post(CALLS.probeBid, BIDDING, form),
    machines: () => post(CALLS.list, json('none', readMachines)),
    machine: (id) =>
      ifKnown(
        CALLS.single,
        json('none', (answer) => readMachine(id, answer)),
        { server: id },
      ),
    start: async (id) => void (await post(CALLS.start, accepting('start'), { server: id })),
    stop: async (id) => {
      const form = { server: id, disassociate_resources: 'true' };
      await post(CALLS.stop, accepting('stop'), form);
    },
    remove: async (id) => {
      await ifKnown(CALLS.remove, ENDING, { server: id });
    },
    balance: () => post(CALLS.balance, json('none', readBalance)),
    expenses: (period) => post(CALLS.summary, json('none', readExpenses), { period }),
  };
}

/** Hostnodes with less cannot be launched on. With credentials the list also shows those reserved for this organisation. */
const WORTH_READING: Form = { minGPUCount: '1', minStorage: String(MIN_DISK_GB) };

const DEPLOYING: Reading<Deployed> = json('launch', (answer) => {
  const id = readDeployedId(answer);
  const computePerHour = readComputePrice(answer);
  if (id === undefined) return undefined;
  return { id, ...(computePerHour === undefined ? {} : { computePerHour }) };
});

const BIDDING: Reading<BidVerdict> = {
  effect: 'none',
  refusal: verdictRefusal,
  read: (reply) => readVerdict(reply.json),
};

/** The API's own no to this question, when it gives no other reason, is about the pair. */
const PAIR_TEST: Reading<true> = {
  effect: 'none',
  refusal: (reply: Reply, effect: Effect): Refusal | undefined => {
    const refusal = v0Refusal(reply, effect);
    const isPlain = isSuccess(reply) && refusal?.said === '';
    return refusal && isPlain ? { ...refusal, kind: 'unauthorized' } : refusal;
  },
  read: readSuccess,
};

function accepting(effect: Effect): Reading<true> {
  return { effect, refusal: v0Refusal, read: readSuccess };
}

function readSuccess({ json: answer }: Reply): true | undefined {
  return Value.Check(Success, answer) ? true : undefined;
}

const Success = Type.Object({ success: Type.Literal(true) });

/** An end is asked for until the machine is not known any more: any answer without a complaint will do. */
const ENDING: Reading<true> = { effect: 'terminate', refusal: v0Refusal, read: readAcceptance };

function json<Value>(effect: Effect, read: (json: unknown) => Value | undefined): Reading<Value> {
  return { effect, refusal: v0Refusal, read: (reply) => read(reply.json) };
}
