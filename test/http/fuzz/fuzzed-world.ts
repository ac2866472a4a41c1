import { Writable } from 'node:stream';
import fc from 'fast-check';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import type { Template } from '../../../src/domain/template.ts';
import type { Templates } from '../../../src/inventory/templates.ts';
import { NOW, type World, type WorldOptions, world } from '../http-world.ts';
import { type Verdict, verdictOn } from './answer-verdict.ts';
import { validObject } from './from-schema.ts';
import { type HostileRequest, requestFor } from './hostile-requests.ts';
import { type ServedRoute, watchApp } from './served-routes.ts';
import { knownBody, knownPath, TEMPLATE_HASHES } from './valid-requests.ts';

/** The slowest that an answer may be, and how often in a row it has to be so before it is not the machine's doing. */
const SLOW_MS = 1000;
const SLOW_TRIES = 3;
const RUNS_PER_TURN = 50;

/** One that asks for something, one that asks for nothing, and one whose filter cannot be read. */
const TEMPLATES = fakeTemplates(['{"num_gpus":{"eq":"1"}}', '', '{"num_gpus":1}']);

function fakeTemplates(filters: readonly string[]): Templates {
  const templates = filters.map(
    (extraFilters, index): Template => ({
      id: index,
      hashId: TEMPLATE_HASHES[index] ?? '',
      name: 'PyTorch',
      image: 'vastai/pytorch',
      usesSsh: true,
      isRecommended: true,
      extraFilters,
    }),
  );
  return {
    list: () => ({ kind: 'listed', templates, fetchedAt: NOW }),
    find: async (hash) => {
      const template = templates.find(({ hashId }) => hashId === hash);
      return template ? { kind: 'found', template } : { kind: 'unknown' };
    },
  };
}

export interface FuzzedWorld {
  readonly app: FastifyInstance;
  readonly routes: readonly ServedRoute[];
  /** How often the route gave each status. */
  readonly tally: Map<string, Map<number, number>>;
  /** Sends it and throws what is wrong with the answer. */
  send(request: HostileRequest): Promise<LightMyRequestResponse>;
  /** Whether the last request came to a route that needs no token. */
  isPublicAnswer(): boolean;
  /** What was said of orphans. */
  orphanWords(): readonly string[];
  /** Forgets what the fakes remember, so that memory that grows is the server's. */
  forget(): void;
}

export interface FuzzOptions extends WorldOptions {
  /** Adds routes of the test's own. */
  readonly extend?: (app: FastifyInstance) => unknown;
  /** Lets whatever the answer waits for come to pass, where time stands still by itself. */
  readonly settle?: <Answer>(answering: Promise<Answer>) => Promise<Answer>;
}

export async function fuzzedWorld(options: FuzzOptions = {}): Promise<FuzzedWorld> {
  const { extend, settle = (answering) => answering, ...parts } = options;
  const faultLines: string[] = [];
  const log = pino({ level: 'error' }, lineSink(faultLines));
  const { built, app, routes, lastRoute } = watchApp(() =>
    world({ log, recordRequest: () => {}, templates: TEMPLATES, ...parts }),
  );
  extend?.(app);
  await app.ready();
  const verdict = verdictOn(app.swagger());
  const tally = new Map<string, Map<number, number>>();
  let cameTo: string | undefined;
  const send = async (request: HostileRequest): Promise<LightMyRequestResponse> => {
    const answer = await inTime(() => settle(app.inject(injectable(request))));
    const route = lastRoute();
    cameTo = route;
    count(tally, route ?? 'nowhere', answer.statusCode);
    const faults = faultLines.splice(0);
    if (faults.length > 0) throw new Error(`a fault was logged: ${faults.join('\n')}`);
    refuse(verdict, { answer, route });
    return answer;
  };
  return {
    app,
    routes,
    tally,
    send,
    isPublicAnswer: () => routes.some(({ name, isPublic }) => isPublic && name === cameTo),
    orphanWords: () => built.orphanWords,
    forget: () => forget(built),
  };
}

/** Asks again when the answer was slow: only what is slow each time is slow by itself. */
async function inTime<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const tookMs: number[] = [];
  for (;;) {
    const startedMs = performance.now();
    const answer = await ask();
    tookMs.push(performance.now() - startedMs);
    if ((tookMs.at(-1) ?? 0) < SLOW_MS) return answer;
    if (tookMs.length === SLOW_TRIES) throw new Error(`slow each time: ${tookMs.join(', ')} ms`);
  }
}

/** With an authority before the target, because `/\\[` would be read as one. */
function injectable(request: HostileRequest) {
  return { ...request, method: request.method as 'GET', url: `http://localhost${request.url}` };
}

interface Outcome {
  readonly answer: LightMyRequestResponse;
  readonly route: string | undefined;
}

function refuse(verdict: Verdict, { answer, route }: Outcome): void {
  const fault = verdict(answer, route);
  if (fault !== undefined) throw new Error(`${route ?? 'nowhere'}: ${fault}`);
  if (answer.headers['x-request-id'] === undefined) throw new Error('an answer without an id');
  if ('polluted' in {}) throw new Error('the prototype of all objects was changed');
}

function count(tally: Map<string, Map<number, number>>, route: string, status: number): void {
  const statuses = tally.get(route) ?? new Map<number, number>();
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  tally.set(route, statuses);
}

function forget(built: World): void {
  built.created.length = 0;
  built.menuQueries.length = 0;
  built.pageQueries.length = 0;
  built.orphanQueries.length = 0;
  built.orphanWords.length = 0;
  built.heartbeats.length = 0;
  built.summaryQueries.length = 0;
}

export interface FuzzLimits {
  readonly numRuns: number;
  readonly seed: number;
  /** Nobody reads the smallest of the failures that have to come. */
  readonly endOnFailure?: true;
}

/** Sends the route that many requests; rejects with the smallest that is answered wrongly. */
export async function fuzzRoute(
  fuzzed: FuzzedWorld,
  route: ServedRoute,
  limits: FuzzLimits,
): Promise<void> {
  let sent = 0;
  const property = fc.asyncProperty(requestFor(route), async (request) => {
    await fuzzed.send(request);
    sent += 1;
    if (sent % RUNS_PER_TURN === 0) await tidy(fuzzed);
  });
  await fc.assert(property, limits);
  await tidy(fuzzed);
}

/** Injected requests go on without a turn of the event loop, and what waits for one would pile up by the gigabyte. */
async function tidy(fuzzed: FuzzedWorld): Promise<void> {
  fuzzed.forget();
  await new Promise((resolve) => setImmediate(resolve));
}

/** A request that the route takes: known to be right, or the least that its schema asks for. */
export function rightRequest(route: ServedRoute): HostileRequest {
  const { name, method, pattern, body } = route;
  const [least] = fc.sample(validObject({ ...body, properties: requiredOf(body) }), {
    seed: 1,
    numRuns: 1,
  });
  const value = knownBody(name) ?? least ?? {};
  return {
    method,
    url: knownPath(pattern),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { payload: JSON.stringify(value) }),
  };
}

function requiredOf(body: ServedRoute['body']): Readonly<Record<string, unknown>> {
  const { properties, required } = body ?? {};
  if (!Array.isArray(required) || typeof properties !== 'object' || properties === null) return {};
  return Object.fromEntries(Object.entries(properties).filter(([name]) => required.includes(name)));
}

function lineSink(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
}
