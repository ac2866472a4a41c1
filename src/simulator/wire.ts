import type { Chance, Facade, Market, SimClock, SimReply, SimRequest } from './model.ts';
import { echoOf } from './wire-echo.ts';
import { drawFate, drawLaunchFate, type Fate, type WireFaults } from './wire-faults.ts';
import { isLaunchCall } from './wire-launches.ts';
import { isListCall, shortenList } from './wire-lists.ts';

/** A request as an HTTP client sends it. */
export interface PlayedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Rejects like a connection that fails; an aborted request may still take effect, as on a real network. */
export type PlayedWire = (request: PlayedRequest, signal: AbortSignal) => Promise<SimReply>;

export interface WireParts {
  /** Asked in this order; the first that knows the path answers. */
  readonly facades: readonly Facade[];
  readonly clock: SimClock;
  readonly chance: Chance;
  /** Read at each request, so that a world can heal. */
  readonly faults: () => WireFaults;
  /** The caller's own error for what the network did. */
  readonly asWireError: (message: string, mayHaveArrived: boolean) => Error;
}

type Outcome =
  | { readonly kind: 'answered'; readonly reply: SimReply }
  | { readonly kind: 'silence' }
  | { readonly kind: 'broken'; readonly message: string; readonly mayHaveArrived: boolean };

const REFUSED: Outcome = { kind: 'broken', message: 'connection refused', mayHaveArrived: false };
const RESET: Outcome = { kind: 'broken', message: 'connection reset', mayHaveArrived: true };
const SILENCE: Outcome = { kind: 'silence' };

/** HTTP in process, on the simulator's clock, through a network that keeps no promises. */
export function playWire(parts: WireParts): PlayedWire {
  const counts = { request: 0, 'template read': 0, 'hostnode read': 0, 'account read': 0 };
  return (request, signal) =>
    new Promise((resolve, reject) => {
      const giveUp = (): void => reject(parts.asWireError('aborted', true));
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      // A stream a request: what becomes of one does not hang on how its neighbours' answers are spoilt.
      const kind = kindOf(request.url);
      counts[kind] += 1;
      const chance = parts.chance.fork(`${kind} ${counts[kind]}`);
      play({ ...parts, chance }, request).then((outcome) => {
        switch (outcome.kind) {
          case 'answered':
            signal.removeEventListener('abort', giveUp);
            return resolve(outcome.reply);
          case 'broken':
            signal.removeEventListener('abort', giveUp);
            return reject(parts.asWireError(outcome.message, outcome.mayHaveArrived));
          case 'silence':
            return;
        }
      }, reject);
    });
}

async function play(parts: WireParts, request: PlayedRequest): Promise<Outcome> {
  const faults = parts.faults();
  const arrived = readRequest(request);
  const isLaunch = isLaunchCall(arrived.method, arrived.path);
  const fate = isLaunch ? drawLaunchFate(parts.chance, faults) : drawFate(parts.chance, faults);
  const refusal = outageNow(parts, arrived.path) ?? refuse(fate) ?? quote(parts, arrived, fate);
  await wait(parts.clock, fate.thereMs);
  if (refusal) return refusal;
  const reply = await deliver(parts.facades, arrived, fate);
  await wait(parts.clock, fate.backMs);
  return giveBack(parts.chance, { request: arrived, reply, fate });
}

/** Which market a path is of. TensorDock's v0 shares its prefix with Vast.ai's and nothing behind it. */
export function marketOf(path: string): Market {
  const isTensordock = /^\/api\/(v2|v0\/(client|auth\/test|auth\/list|billing))(\/|$)/.test(path);
  return isTensordock ? 'tensordock' : 'vastai';
}

const V0_BACKGROUND =
  /^\/api\/v0\/(auth\/test|billing\/summary|client\/(deploy\/instantvms|spot\/validate\/new))$/;

/** What is read in the background is counted apart and shifts nobody's stream. */
function kindOf(url: string): 'request' | 'template read' | 'hostnode read' | 'account read' {
  const { pathname } = new URL(url);
  if (/^\/api\/v0\/(users\/current|charges)\/$/.test(pathname)) return 'account read';
  if (V0_BACKGROUND.test(pathname)) return 'account read';
  if (pathname === '/api/v0/template/') return 'template read';
  return pathname.startsWith('/api/v2/hostnodes') ? 'hostnode read' : 'request';
}

function readRequest(request: PlayedRequest): SimRequest {
  const url = new URL(request.url);
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    method: request.method.toUpperCase(),
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: request.body ?? '',
  };
}

function outageNow(parts: WireParts, path: string): Outcome | undefined {
  const now = parts.clock.now();
  const market = marketOf(path);
  const outage = parts
    .faults()
    .outages.find((one) => one.market === market && one.from <= now && now < one.to);
  switch (outage?.as) {
    case undefined:
      return undefined;
    case 'refused':
      return REFUSED;
    case 'bad_gateway':
      return answered(badGateway());
    case 'silence':
      return SILENCE;
  }
}

function refuse(fate: Fate): Outcome | undefined {
  switch (fate.before) {
    case undefined:
      return undefined;
    case 'refused':
      return REFUSED;
    case 'serverErrorBefore':
      return answered(serverError());
    case 'badGatewayBefore':
      return answered(badGateway());
    case 'rateLimited':
      return answered(tooMany());
  }
}

function quote({ chance }: WireParts, request: SimRequest, fate: Fate): Outcome | undefined {
  return fate.isEchoed ? answered(echoOf(request, chance.fork('echo form'))) : undefined;
}

async function deliver(
  facades: readonly Facade[],
  request: SimRequest,
  fate: Fate,
): Promise<SimReply> {
  const reply = await ask(facades, request);
  // The client behind a proxy that retries sees the last answer only.
  return fate.isDuplicated ? ask(facades, request) : reply;
}

async function ask(facades: readonly Facade[], request: SimRequest): Promise<SimReply> {
  for (const facade of facades) {
    const reply = await facade(request);
    if (reply) return reply;
  }
  return html(404, 'Not Found');
}

interface Exchange {
  readonly request: SimRequest;
  readonly reply: SimReply;
  readonly fate: Fate;
}

function giveBack(chance: Chance, { request, reply, fate }: Exchange): Outcome {
  switch (fate.after) {
    case undefined:
      return answered(reply);
    case 'lostAnswer':
      return SILENCE;
    case 'resetAfter':
      return RESET;
    case 'serverErrorAfter':
      return answered(chance.hit(0.5) ? serverError() : badGateway());
    case 'cutBody':
      return answered({ ...reply, body: cut(reply.body, chance) });
    case 'shortList':
      return answered(withFewer(request, reply, (count) => chance.int(0, Math.max(0, count - 1))));
    case 'emptyList':
      return answered(withFewer(request, reply, () => 0));
  }
}

function withFewer(
  request: SimRequest,
  reply: SimReply,
  keep: (count: number) => number,
): SimReply {
  if (!isListCall(request.method, request.path)) return reply;
  return { ...reply, body: shortenList(reply.body, keep) };
}

function cut(body: string, chance: Chance): string {
  return body.slice(0, chance.int(0, Math.max(0, body.length - 1)));
}

function answered(reply: SimReply): Outcome {
  return { kind: 'answered', reply };
}

function serverError(): SimReply {
  const body = {
    success: false,
    error: 'server_error',
    msg: 'Something went wrong on the server',
  };
  return {
    status: 500,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function badGateway(): SimReply {
  return html(502, 'Bad Gateway');
}

function tooMany(): SimReply {
  const body = 'API requests too frequent: endpoint threshold=4.5';
  return { status: 429, headers: { 'content-type': 'text/plain' }, body };
}

function html(status: number, title: string): SimReply {
  const body = `<html><head><title>${status} ${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, headers: { 'content-type': 'text/html' }, body };
}

function wait(clock: SimClock, delayMs: number): Promise<void> {
  if (delayMs <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
