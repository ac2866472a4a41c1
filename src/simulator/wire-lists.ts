import { isObject, type JsonObject, parseJson } from './json.ts';

/** Calls whose answer is a list: instances and offers of each API. */
const LIST_CALLS: readonly { readonly method: string; readonly path: RegExp }[] = [
  { method: 'GET', path: /^\/api\/v1\/instances\/?$/ },
  { method: 'GET', path: /^\/api\/v0\/bundles\/?$/ },
  { method: 'POST', path: /^\/api\/v0\/bundles\/?$/ },
  { method: 'GET', path: /^\/api\/v2\/(instances|locations|hostnodes)\/?$/ },
  { method: 'GET', path: /^\/api\/v0\/client\/(list|deploy\/hostnodes|deploy\/instantvms)\/?$/ },
  { method: 'POST', path: /^\/api\/v0\/client\/list\/?$/ },
];

/** Where lists stand in those answers, at the top or under `data`; some are objects by id. */
const LIST_KEYS = ['data', 'instances', 'offers', 'locations', 'hostnodes', 'virtualmachines'];

export function isListCall(method: string, path: string): boolean {
  return LIST_CALLS.some((call) => call.method === method && call.path.test(path));
}

/** The answer with as many leading items of its list as `keep` says of their number; other text comes back as it was. */
export function shortenList(body: string, keep: (count: number) => number): string {
  const json = parseJson(body);
  return isObject(json) ? JSON.stringify(shortenIn(json, keep)) : body;
}

function shortenIn(parent: JsonObject, keep: (count: number) => number): JsonObject {
  const entries = Object.entries(parent).map(([key, value]) =>
    LIST_KEYS.includes(key) ? [key, shorten(key, value, keep)] : [key, value],
  );
  return Object.fromEntries(entries);
}

function shorten(key: string, value: unknown, keep: (count: number) => number): unknown {
  if (Array.isArray(value)) return value.slice(0, keep(value.length));
  if (!isObject(value)) return value;
  if (key === 'data') return shortenIn(value, keep);
  const items = Object.entries(value);
  return Object.fromEntries(items.slice(0, keep(items.length)));
}
