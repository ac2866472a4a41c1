import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, FastifyRequest } from 'fastify';

type Json = Readonly<Record<string, unknown>>;

/** One route as the server itself declares it. */
export interface ServedRoute {
  /** `GET /offers/:id`. */
  readonly name: string;
  readonly method: string;
  readonly pattern: string;
  /** Answered without a token as well. */
  readonly isPublic: boolean;
  readonly params: Json;
  readonly query: Json;
  /** Undefined where the route declares none. */
  readonly body: Json | undefined;
  /** Answer schemas by status (`200`) or by class (`4xx`). */
  readonly answers: Readonly<Record<string, Json>>;
}

export interface ServedApp {
  readonly app: FastifyInstance;
  /** Of every route but the `HEAD` twins that the framework adds. Filled while the server gets ready. */
  readonly routes: readonly ServedRoute[];
  /** The name of the route that the last request came to; undefined when it came to none. */
  lastRoute(): string | undefined;
}

const CHANNEL = 'fastify.initialization';

/**
 * Builds a server and learns from it what it serves: the routes are told by the framework as they are registered, so
 * that a route that nobody listed anywhere is known as well as the others.
 */
export function watchApp<Built>(build: () => Built): { readonly built: Built } & ServedApp {
  const routes: ServedRoute[] = [];
  let app: FastifyInstance | undefined;
  let last: string | undefined;
  const watch = (message: unknown): void => {
    if (!hasFastify(message)) return;
    app = message.fastify;
    app.addHook('onRoute', ({ method, url, schema, config }) => {
      const declared = { schema: recordOf(schema), isPublic: config?.isPublic === true };
      for (const name of [method].flat()) {
        if (name !== 'HEAD') routes.push(servedRoute(name, url, declared));
      }
    });
    app.addHook('onRequest', async (request) => {
      last = routeNameOf(request);
    });
  };
  subscribe(CHANNEL, watch);
  const built = build();
  unsubscribe(CHANNEL, watch);
  if (!app) throw new Error('no server was built');
  return {
    built,
    app,
    routes,
    lastRoute: () => {
      const name = last;
      last = undefined;
      return name;
    },
  };
}

function hasFastify(message: unknown): message is { readonly fastify: FastifyInstance } {
  return typeof message === 'object' && message !== null && 'fastify' in message;
}

function routeNameOf(request: FastifyRequest): string | undefined {
  const { url } = request.routeOptions;
  if (request.is404 || url === undefined) return undefined;
  return `${request.method === 'HEAD' ? 'GET' : request.method} ${url}`;
}

interface Declared {
  readonly schema: Json;
  readonly isPublic: boolean;
}

function servedRoute(method: string, pattern: string, declared: Declared): ServedRoute {
  const { schema, isPublic } = declared;
  return {
    name: `${method} ${pattern}`,
    method,
    pattern,
    isPublic,
    params: recordOf(schema['params']),
    query: recordOf(schema['querystring']),
    body: schema['body'] === undefined ? undefined : recordOf(schema['body']),
    answers: Object.fromEntries(
      Object.entries(recordOf(schema['response'])).map(([status, answer]) => [
        status,
        recordOf(answer),
      ]),
    ),
  };
}

/** The value as a record that is plain JSON: symbols and such, by which schemas are marked, stay behind. */
export function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : {};
}
