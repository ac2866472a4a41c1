import type { SimRequest } from './model.ts';
import { isLaunchCall } from './wire-launches.ts';

/** What a renter sent that reaches its machines, in order: the orders and the keys that it attached. */
export interface Arrivals {
  note(request: SimRequest): void;
  all(): readonly Arrival[];
}

export interface Arrival {
  readonly path: string;
  /** Without the fields by which v0 knows who asks: the machine never sees those. */
  readonly body: string;
}

/** More than any demo or test rents; older ones are forgotten. */
const MAX_KEPT = 1_000;
const ATTACH_KEY = /^\/api\/v0\/instances\/\d+\/ssh\/?$/;
const ACCESS_FIELDS = ['api_key', 'api_token'];

export function createArrivals(): Arrivals {
  const kept: Arrival[] = [];
  return {
    note({ method, path, headers, body }) {
      const isAttach = method === 'POST' && ATTACH_KEY.test(path);
      if (!isAttach && !isLaunchCall(method, path)) return;
      const isForm = headers['content-type']?.includes('x-www-form-urlencoded') ?? false;
      kept.push({ path, body: isForm ? withoutAccess(body) : body });
      if (kept.length > MAX_KEPT) kept.shift();
    },
    all: () => kept,
  };
}

function withoutAccess(form: string): string {
  const fields = new URLSearchParams(form);
  for (const name of ACCESS_FIELDS) fields.delete(name);
  return fields.toString();
}
