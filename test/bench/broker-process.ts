import { openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import { createShellThread } from '../../src/ssh/shell-thread.ts';
import { systemClock } from '../../src/system/clock.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { type FakeProvider, fakeProvider } from '../support/fake-provider.ts';
import { drawnOffers } from './market.ts';
import { ListenOrder } from './messages.ts';
import { serveChannel } from './process-channel.ts';

/**
 * The broker as it runs in production, from its composition root down to its log at the default level, with metrics,
 * security headers and real SSH. Only the marketplace is played, and nobody is refused for asking too often.
 */
const Message = Type.Union([
  ListenOrder,
  Type.Object({ kind: Type.Literal('cpu') }),
  Type.Object({ kind: Type.Literal('usage') }),
  Type.Object({ kind: Type.Literal('calls') }),
  Type.Object({
    kind: Type.Literal('prove'),
    port: Type.Integer(),
    count: Type.Integer(),
    atOnce: Type.Integer(),
  }),
]);
type Message = Static<typeof Message>;

/** Between two looks at how much work was done in one piece. */
const WATCH_MS = 2;

/** From the first time that somebody asks for it: to watch costs a tenth of what a busy broker does. */
let watch: ReturnType<typeof startWatch> | undefined;
let market: FakeProvider | undefined;

async function answer(message: Message): Promise<object> {
  switch (message.kind) {
    case 'listen':
      return listen(message);
    case 'cpu':
      return { cpuMicros: cpuMicros() };
    case 'usage':
      return usage();
    case 'calls':
      return { calls: market?.calls.length ?? 0 };
    case 'prove':
      return prove(message);
  }
}

async function listen(order: Static<typeof ListenOrder>): Promise<object> {
  const parsed = parseConfig(environment(order), () => '');
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const { config } = parsed;
  const played = playMarket(order);
  const app = await createApp({
    config,
    logger: createLogger({
      level: config.log.level,
      format: 'json',
      destination: pino.destination({ dest: openSync('/dev/null', 'a'), sync: true }),
    }),
    version: '0.0.0-bench',
    clock: systemClock,
    guard: (name, port) => (name === 'provider' ? insteadOf(port, played) : port),
  });
  await app.start();
  const [address] = app.server.addresses();
  if (typeof address !== 'object') throw new Error('no port');
  return { port: address.port };
}

/** The first marketplace sells; the second one, where there is one, never answers. */
function playMarket({
  offers,
  sshPorts,
}: Static<typeof ListenOrder>): (api: string) => FakeProvider {
  const sells = fakeProvider({ clock: systemClock, api: 'vastai', name: 'vastai' });
  const menu = drawnOffers(offers, Date.now());
  sells.menu = menu;
  // As a marketplace's answer is: other objects each time.
  const ask = sells.offers;
  sells.offers = async () => {
    const fetchedAt = Date.now();
    sells.menu = menu.map((offer) => ({ ...offer, fetchedAt }));
    return ask();
  };
  let launches = 0;
  sells.onLaunch = (instance) => {
    const port = sshPorts[launches % sshPorts.length] ?? 1;
    launches += 1;
    instance.address = { host: '127.0.0.1', port, user: 'root' };
  };
  market = sells;
  return (api) => {
    if (api === 'vastai') return sells;
    const hangs = fakeProvider({ clock: systemClock, api, name: 'tensordock' });
    const never = { kind: 'hangs' as const, until: new Promise(() => {}) };
    for (const operation of ['offers', 'list'] as const) hangs.faultAlways(operation, never);
    return hangs;
  };
}

function environment({ database, refresh, hasHanging, tick }: Static<typeof ListenOrder>) {
  return {
    VASTAI_API_KEY: 'played',
    ...(hasHanging ? { TENSORDOCK_API_TOKEN: 'played' } : {}),
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_PATH: database,
    RATE_LIMIT_PER_MINUTE: '0',
    INVENTORY_REFRESH_INTERVAL: refresh,
    INVENTORY_MAX_AGE: '2h',
    STARTUP_SWEEP_TIMEOUT: '1s',
    LIFECYCLE_CHECK_INTERVAL: tick,
  };
}

/** The port's type with the other one's behaviour. */
function insteadOf<Port extends object>(port: Port, played: (api: string) => FakeProvider): Port {
  const other = played(String(Reflect.get(port, 'api')));
  return new Proxy(port, { get: (_target, key) => Reflect.get(other, key) });
}

async function prove({ port, count, atOnce }: Extract<Message, { kind: 'prove' }>) {
  const shell = createShellThread({
    clock: systemClock,
    start: () => new Worker(new URL('../../src/ssh-worker.js', import.meta.url)),
    onFault: (error) => {
      throw error;
    },
  });
  const keys = createKeys(Buffer.alloc(32, 1)).generate('bench');
  let left = count;
  let proven = 0;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const proof = await shell.prove({ host: '127.0.0.1', port, user: 'root', ...keys });
      if (proof.kind === 'proven') proven += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await shell.close();
  return { proven };
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function usage(): object {
  const { rss, heapUsed } = process.memoryUsage();
  watch ??= startWatch();
  return {
    cpuMicros: cpuMicros(),
    residentBytes: rss,
    heapBytes: heapUsed,
    handles: process.getActiveResourcesInfo().length,
    ...watch.take(),
  };
}

/**
 * The most processor time that the thread which answers spent between two turns of a short timer. A stall of the event loop
 * that another program's turn on the processor made is none of ours, and on a busy machine there are many.
 */
function startWatch() {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  let last = mainThreadMs();
  let longest = 0;
  setInterval(() => {
    const now = mainThreadMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, WATCH_MS).unref();
  return {
    take: () => {
      const ownStallMs = longest;
      longest = 0;
      const stallMs = delays.max / 1e6;
      const p99DelayMs = delays.percentile(99) / 1e6;
      delays.reset();
      return { stallMs, p99DelayMs, ownStallMs };
    },
  };
}

const isLinux = process.platform === 'linux';
const mainThread = isLinux ? openSync(`/proc/self/task/${process.pid}/schedstat`, 'r') : -1;
const schedule = Buffer.alloc(64);

/** Processor time of the thread that answers; elsewhere than on Linux that of the whole process. */
function mainThreadMs(): number {
  if (!isLinux) return cpuMicros() / 1e3;
  const length = readSync(mainThread, schedule, 0, schedule.length, 0);
  return Number(schedule.toString('latin1', 0, length).split(' ', 1)[0]) / 1e6;
}

serveChannel((message) => answer(Value.Parse(Message, message)));
