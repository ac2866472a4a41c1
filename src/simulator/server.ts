/**
 * The simulated marketplace over real HTTP. Provider APIs answer under their own paths; beside them stands a plain
 * control surface for demos and tests, without credentials, so the server belongs on loopback:
 *
 * - `GET /_sim/instances`: every instance ever, with its true state and bill.
 * - `GET /_sim/bill`: bills part by part in micro-dollars, and their sum.
 * - `GET /_sim/arrivals`: what reached the machines, as it was sent: orders and attached keys, without the account's credentials.
 * - `GET /_sim/faults`: the faults that are on.
 * - `POST /_sim/faults` with `{"lostAnswer":0.1,"latencyMs":{"low":20,"high":200}}`: replaces all faults; `{}` heals.
 * - `POST /_sim/vanish?id=…`: the market takes an instance away.
 * - `POST /_sim/stop?id=…`: the market stops an instance.
 * - `POST /_sim/outbid?id=…`, `/_sim/regain?id=…`: somebody pays more for what was rented by a bid on Vast.ai, and no more.
 * - `POST /_sim/end-contract?id=…`: its contract is over, as when the listing ends.
 * - `POST /_sim/befall?id=…&kind=offline&minutes=5`: a mishap of a running machine: `keys lost`, `reinstalled`, `another machine`,
 *   `offline` or `logins stall`; without minutes the last two do not pass.
 * - `POST /_sim/use?id=…&as=trains`: what its renter does with it from now on: `rests`, `trains`, `works in bursts`, …
 * - `POST /_sim/revoke-keys?market=vastai`, `/_sim/restore-keys?market=…`: the market takes the account's keys no more, and again.
 * - `POST /_sim/drain-credit?market=tensordock`, `/_sim/pay-in?market=…&usd=20`: the account's credit is used up, and bought.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createArrivals } from './arrivals.ts';
import { type ControlParts, control } from './control.ts';
import type { SimMarket } from './market.ts';
import type { Facade, SimReply, SimRequest } from './model.ts';
import { type PlayedWire, playWire } from './wire.ts';
import { NO_FAULTS, type WireFaults } from './wire-faults.ts';

export interface SimulatorOptions {
  /** 0 lets the system pick. */
  readonly port: number;
  readonly host: string;
  readonly market: SimMarket;
  /** Asked in this order; the first that knows the path answers. */
  readonly facades: readonly Facade[];
  /** What is on at the start; the control surface changes it. */
  readonly faults?: WireFaults;
}

export interface RunningSimulator {
  /** `http://host:port`, no trailing slash. */
  readonly url: string;
  /** Breaks off what is in flight and resolves when the port is free. */
  close(): Promise<void>;
}

/** Far above any request of a provider's client. */
const MAX_BODY_BYTES = 1024 * 1024;

export async function startSimulator(options: SimulatorOptions): Promise<RunningSimulator> {
  const { market } = options;
  let faults = options.faults ?? NO_FAULTS;
  const parts: ServerParts = {
    wire: playWire({
      facades: options.facades,
      clock: market.clock,
      chance: market.chance.fork('server'),
      faults: () => faults,
      asWireError: (message) => new BrokenConnection(message),
    }),
    control: {
      market,
      arrivals: createArrivals(),
      faults: () => faults,
      setFaults: (next) => {
        faults = next;
      },
    },
  };
  const server = createServer((request, response) => {
    serve(parts, request, response).catch((error: unknown) => breakOff(response, error));
  });
  return listen(server, options);
}

/** What the played network did to a request: the client sees its connection break. */
class BrokenConnection extends Error {
  override readonly name = 'BrokenConnection';
}

interface ServerParts {
  readonly wire: PlayedWire;
  readonly control: ControlParts;
}

async function serve(
  parts: ServerParts,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(incoming);
  if (!request) return send(response, { status: 413, headers: {}, body: '' });
  if (request.path.startsWith('/_sim/')) return send(response, control(parts.control, request));
  parts.control.arrivals.note(request);
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const url = new URL(incoming.url ?? '/', BASE_URL).href;
  send(response, await parts.wire({ ...request, url }, abort.signal));
}

/** Only path and query of an incoming request count; the rest of its URL is ours. */
const BASE_URL = 'http://simulator.invalid';

/** Undefined when the body is larger than any client's. */
async function readRequest(incoming: IncomingMessage): Promise<SimRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const part = Buffer.from(chunk);
    bytes += part.byteLength;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(part);
  }
  const url = new URL(incoming.url ?? '/', BASE_URL);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: readHeaders(incoming),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function readHeaders(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  return Object.fromEntries(headers);
}

function send(response: ServerResponse, reply: SimReply): void {
  if (response.destroyed) return;
  response.writeHead(reply.status, reply.headers);
  response.end(reply.body);
}

/** A played break closes the connection; anything else is a mistake in the simulator and says so. */
function breakOff(response: ServerResponse, error: unknown): void {
  if (error instanceof BrokenConnection || response.headersSent) {
    response.destroy();
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const headers = { 'content-type': 'text/plain', 'x-simulator-mistake': 'true' };
  send(response, { status: 500, headers, body: text });
}

function listen(server: Server, options: SimulatorOptions): Promise<RunningSimulator> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : options.port;
      resolve({ url: `http://${options.host}:${port}`, close: () => close(server) });
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
