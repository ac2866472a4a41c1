import { ProviderFailure } from '../../domain/errors.ts';
import type { CallSubject } from '../../ports/provider.ts';
import { type Call, HttpTransport, type Reply, type TransportParts } from '../http-transport.ts';
import { CALL_KINDS, type CallName, GATES, gateOf } from './call-kinds.ts';
import { type CallNature, namedIntervalMs } from './failures.ts';
import { VASTAI } from './mapping.ts';
import {
  type OfferPage,
  readAttached,
  readCharges,
  readContract,
  readCredit,
  readDestroyed,
  readInstance,
  readOffers,
  readPage,
  readStateChange,
  readTemplates,
  type StateChange,
} from './replies.ts';
import type { ChargesReply, InstancesReply, TemplateRow } from './wire.ts';

export interface VastaiAccess {
  readonly apiKey: string;
  /** Without a trailing slash: `https://console.vast.ai`. */
  readonly baseUrl: string;
}

/** The calls that the broker makes, each with its schema and the meaning of its failures; nothing of the broker's own words. */
export interface VastaiClient {
  search(query: Readonly<Record<string, unknown>>): Promise<OfferPage>;
  /** The new instance's id. */
  create(askId: number, body: Readonly<Record<string, unknown>>): Promise<string>;
  attachKey(id: string, publicKey: string): Promise<void>;
  page(afterToken: string | undefined): Promise<InstancesReply>;
  /** The instance's row; undefined when the provider says that there is none. */
  instance(id: string): Promise<unknown>;
  destroy(id: string): Promise<void>;
  /** `queued` is no refusal: the machine starts, and is billed, when its GPUs come free. */
  changeState(id: string, state: 'running' | 'stopped'): Promise<StateChange>;
  /** One page of what was charged for instances on these days, seconds since the epoch, both ends included. */
  charges(days: Days, afterToken: string | undefined): Promise<ChargesReply>;
  /** Dollars; undefined when the account does not show them. */
  credit(): Promise<number | undefined>;
  /** The templates that these filters leave, all at once: there is no paging. */
  templates(filters: Readonly<Record<string, unknown>>): Promise<readonly TemplateRow[]>;
  readonly redact: (text: string) => string;
  /** The same, with calls that are recorded as made for this. */
  about(subject: CallSubject): VastaiClient;
}

export interface Days {
  readonly gte: number;
  readonly lte: number;
}

const PAGE_SIZE = 25;
const CHARGES_PAGE_SIZE = 500;

export function createVastaiClient(parts: TransportParts, access: VastaiAccess): VastaiClient {
  const transport = new HttpTransport(parts, {
    provider: VASTAI,
    api: VASTAI,
    baseUrl: access.baseUrl,
    gates: GATES,
    namedIntervalMs,
    secrets: [access.apiKey],
  });
  return clientOver(transport, access.apiKey, {});
}

function clientOver(transport: HttpTransport, apiKey: string, about: CallSubject): VastaiClient {
  const send = <Value>(
    name: CallName,
    target: Target,
    judge: (reply: Reply, nature: CallNature) => Value,
  ): Promise<Value> =>
    transport.exchange({ ...callOf(name, target, apiKey), about }, (reply) =>
      judge(reply, CALL_KINDS[name]),
    );

  return {
    about: (subject) => clientOver(transport, apiKey, subject),
    search: (query) =>
      send('search', { method: 'POST', path: '/api/v0/bundles/', body: query }, readOffers),
    create: (askId, body) =>
      send('create', { method: 'PUT', path: `/api/v0/asks/${askId}/`, body }, readContract),
    attachKey: async (id, publicKey) => {
      const body = { ssh_key: publicKey };
      await send(
        'attachKey',
        { method: 'POST', path: `${instancePath(id)}ssh/`, body },
        readAttached,
      );
    },
    page: (afterToken) =>
      send(
        'page',
        { method: 'GET', path: '/api/v1/instances/', query: pageQuery(afterToken) },
        readPage,
      ),
    instance: async (id) =>
      send('instance', { method: 'GET', path: instancePath(id) }, readInstance),
    destroy: async (id) => {
      await send('destroy', { method: 'DELETE', path: instancePath(id) }, readDestroyed);
    },
    changeState: (id, state) =>
      send(
        state === 'running' ? 'start' : 'stop',
        { method: 'PUT', path: instancePath(id), body: { state } },
        readStateChange,
      ),
    charges: (days, afterToken) =>
      send(
        'charges',
        { method: 'GET', path: '/api/v0/charges/', query: chargesQuery(days, afterToken) },
        readCharges,
      ),
    credit: () => send('credit', { method: 'GET', path: '/api/v0/users/current/' }, readCredit),
    templates: (filters) =>
      send(
        'templates',
        {
          method: 'GET',
          path: '/api/v0/template/',
          query: { select_filters: JSON.stringify(filters) },
        },
        readTemplates,
      ),
    redact: (text) => transport.redact(text),
  };
}

interface Target {
  readonly method: Call['method'];
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

function callOf(name: CallName, { body, ...target }: Target, apiKey: string): Call {
  const { operation, priority, deadlineMs, hasEffect } = CALL_KINDS[name];
  return {
    ...target,
    operation,
    priority,
    deadlineMs,
    hasEffect,
    gates: [gateOf(name)],
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

/** The path without an id ends many instances at once, so nothing but an id goes into it. */
function instancePath(id: string): string {
  if (!/^[1-9][0-9]{0,18}$/.test(id)) {
    throw new ProviderFailure({
      kind: 'invalid',
      outcome: 'not_done',
      detail: 'not an instance id of this provider',
    });
  }
  return `/api/v0/instances/${id}/`;
}

/** In order of id, so that what is created meanwhile comes last and moves nothing from one page to another. */
function pageQuery(afterToken: string | undefined): Readonly<Record<string, string>> {
  return {
    limit: String(PAGE_SIZE),
    order_by: '[{"col":"id","dir":"asc"}]',
    ...(afterToken === undefined ? {} : { after_token: afterToken }),
  };
}

/** Oldest first, so that what is charged meanwhile comes last. */
function chargesQuery(
  days: Days,
  afterToken: string | undefined,
): Readonly<Record<string, string>> {
  return {
    select_filters: JSON.stringify({ day: days, type: { in: ['instance'] } }),
    format: 'table',
    latest_first: 'false',
    limit: String(CHARGES_PAGE_SIZE),
    ...(afterToken === undefined ? {} : { after_token: afterToken }),
  };
}
