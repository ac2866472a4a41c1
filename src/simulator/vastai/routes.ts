import type { JsonObject } from '../json.ts';
import type { SimReply } from '../model.ts';
import { showUser } from './account.ts';
import {
  addAccountKey,
  listAccountKeys,
  removeAccountKey,
  replaceAccountKey,
} from './account-keys.ts';
import { listCharges } from './charges.ts';
import { createInstance } from './create.ts';
import type { Desk } from './desk.ts';
import { invalidArgs } from './errors.ts';
import { gpuNames, gpuTypes } from './gpu-catalogue.ts';
import { deprecatedList, listInstances } from './instance-list.ts';
import { attachKey, detachKey, listInstanceKeys } from './instance-ssh.ts';
import {
  changeBid,
  changeInstance,
  destroyInstance,
  rebootInstance,
  showInstance,
} from './instances.ts';
import { every, perMinute, type RateLimit } from './rate-limits.ts';
import { searchAsks, searchByQueryText, searchOffers } from './search.ts';
import { addTemplate, editTemplate, removeTemplate, searchTemplates } from './templates.ts';

/** A request whose route is known and whose body was read. */
export interface Call {
  /** What the path's placeholders stand for, in order. */
  readonly ids: readonly [string, string];
  readonly query: URLSearchParams;
  /** Empty when no body came. */
  readonly body: JsonObject;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Placeholders are `:id` and `:key`. */
  readonly path: string;
  /** Whether anybody may ask. */
  readonly access: 'public' | 'key';
  /** Endpoints of one group share one limit. */
  readonly limit?: { readonly group: string; readonly rate: RateLimit };
  answer(desk: Desk, call: Call): SimReply | Promise<SimReply>;
}

const SEARCH = { group: 'search', rate: perMinute(10) };

/** Everyone may look at the market (§2). */
const PUBLIC_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v0/bundles/',
    access: 'public',
    limit: SEARCH,
    answer: ({ market }, { body }) => searchOffers(market, body),
  },
  {
    method: 'GET',
    path: '/api/v0/bundles/',
    access: 'public',
    limit: SEARCH,
    answer: ({ market }, { query }) => searchByQueryText(market, query.get('q')),
  },
  {
    method: 'PUT',
    path: '/api/v0/search/asks/',
    access: 'public',
    limit: SEARCH,
    answer: ({ market }, { body }) => searchAsks(market, body),
  },
  {
    method: 'GET',
    path: '/api/v0/gpu_names/unique/',
    access: 'public',
    answer: ({ market }) => gpuNames(market),
  },
  {
    method: 'GET',
    path: '/api/v0/gpu_types/',
    access: 'public',
    answer: ({ market }) => gpuTypes(market),
  },
];

const INSTANCE_ROUTES: readonly Route[] = [
  {
    method: 'PUT',
    path: '/api/v0/asks/:id/',
    access: 'key',
    limit: { group: 'create', rate: every(4.5, 12) },
    answer: (desk, { ids, body }) =>
      /^\d+$/.test(ids[0])
        ? createInstance(desk, Number(ids[0]), body)
        : invalidArgs("error 400/3467: Invalid args: 'id' is required"),
  },
  {
    method: 'GET',
    path: '/api/v1/instances/',
    access: 'key',
    limit: { group: 'list', rate: every(1) },
    answer: (desk, { query }) => listInstances(desk, query),
  },
  { method: 'GET', path: '/api/v0/instances/', access: 'key', answer: deprecatedList },
  {
    method: 'GET',
    path: '/api/v0/instances/:id/',
    access: 'key',
    limit: { group: 'single', rate: every(2) },
    answer: (desk, { ids }) => showInstance(desk, ids[0]),
  },
  {
    method: 'PUT',
    path: '/api/v0/instances/:id/',
    access: 'key',
    limit: { group: 'change', rate: every(1) },
    answer: (desk, { ids, body }) => changeInstance(desk, ids[0], body),
  },
  {
    method: 'DELETE',
    path: '/api/v0/instances/:id/',
    access: 'key',
    limit: { group: 'destroy', rate: every(3) },
    answer: (desk, { ids }) => destroyInstance(desk, ids[0]),
  },
  {
    method: 'PUT',
    path: '/api/v0/instances/reboot/:id/',
    access: 'key',
    limit: { group: 'reboot', rate: every(1) },
    answer: (desk, { ids }) => rebootInstance(desk, ids[0]),
  },
  {
    method: 'PUT',
    path: '/api/v0/instances/bid_price/:id/',
    access: 'key',
    limit: { group: 'bid', rate: every(5.5) },
    answer: (desk, { ids, body }) => changeBid(desk, ids[0], body),
  },
];

const KEY_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/v0/instances/:id/ssh/',
    access: 'key',
    answer: (desk, { ids, body }) => attachKey(desk, ids[0], body),
  },
  {
    method: 'GET',
    path: '/api/v0/instances/:id/ssh/',
    access: 'key',
    answer: (desk, { ids }) => listInstanceKeys(desk, ids[0]),
  },
  {
    method: 'DELETE',
    path: '/api/v0/instances/:id/ssh/:key/',
    access: 'key',
    limit: { group: 'detach', rate: every(2) },
    answer: (desk, { ids }) => detachKey(desk, ids[0], ids[1]),
  },
  {
    method: 'GET',
    path: '/api/v0/ssh/',
    access: 'key',
    answer: ({ accountKeys }) => listAccountKeys(accountKeys),
  },
  {
    method: 'POST',
    path: '/api/v0/ssh/',
    access: 'key',
    limit: { group: 'add key', rate: every(1) },
    answer: ({ accountKeys, market }, { body }) =>
      addAccountKey(accountKeys, body, market.clock.now()),
  },
  {
    method: 'PUT',
    path: '/api/v0/ssh/:id/',
    access: 'key',
    limit: { group: 'replace key', rate: every(1) },
    answer: ({ accountKeys }, { ids, body }) => replaceAccountKey(accountKeys, ids[0], body),
  },
  {
    method: 'DELETE',
    path: '/api/v0/ssh/:id/',
    access: 'key',
    answer: ({ accountKeys }, { ids }) => removeAccountKey(accountKeys, ids[0]),
  },
];

const ACCOUNT_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/v0/users/current/',
    access: 'key',
    answer: ({ market }) => showUser(market),
  },
  {
    method: 'GET',
    path: '/api/v0/charges/',
    access: 'key',
    limit: { group: 'charges', rate: every(1) },
    answer: (desk, { query }) => listCharges(desk, query),
  },
  {
    method: 'GET',
    path: '/api/v0/template/',
    access: 'key',
    limit: { group: 'templates', rate: every(3) },
    answer: ({ templates }, { query }) => searchTemplates(templates, query),
  },
  {
    method: 'PUT',
    path: '/api/v0/template/',
    access: 'key',
    answer: ({ templates }, { body }) => editTemplate(templates, body),
  },
  {
    method: 'POST',
    path: '/api/v0/template/',
    access: 'key',
    answer: ({ templates }, { body }) => addTemplate(templates, body),
  },
  {
    method: 'DELETE',
    path: '/api/v0/template/',
    access: 'key',
    answer: ({ templates }, { body }) => removeTemplate(templates, body),
  },
];

/** Longer fixed paths match themselves only: a number never reads `reboot`. */
export const ROUTES: readonly Route[] = [
  ...PUBLIC_ROUTES,
  ...INSTANCE_ROUTES,
  ...KEY_ROUTES,
  ...ACCOUNT_ROUTES,
];
