import { Writable } from 'node:stream';
import { type App, createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Recorder } from '../../src/ports/recorder.ts';
import { WireError } from '../../src/providers/wire-fetch.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { DEFAULT_FACADE_OPTIONS } from '../../src/simulator/default-options.ts';
import { drawHosts } from '../../src/simulator/hosts.ts';
import { createMarketplace, type SimMarket } from '../../src/simulator/market.ts';
import { type Chance, WORK_NATURES } from '../../src/simulator/model.ts';
import { tensordockV2Facade } from '../../src/simulator/tensordock/v2-facade.ts';
import { vastaiFacade } from '../../src/simulator/vastai/facade.ts';
import { playWire } from '../../src/simulator/wire.ts';
import { NO_FAULTS } from '../../src/simulator/wire-faults.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { simulatedProbe, simulatedShell } from '../simulation/fakes.ts';
import { providersOver } from '../simulation/providers.ts';
import { Tally } from '../simulation/tally.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';

export const STARTED_AT = Date.UTC(2026, 0, 29, 12);
export const APIS = ['vastai', 'tensordock-v2'] as const;
const CREDIT_USD = 1_000_000;
const LATENCY_MS = { low: 40, high: 300 };

export interface WorldOptions {
  readonly hosts: { readonly vast: number; readonly tensordock: number };
  readonly seed: number;
  /** Other people's machines in the same account. */
  readonly foreign?: number;
}

export interface AppOptions {
  readonly databasePath: string;
  /** Of the environment, beside what the played world needs. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Stands between the broker and its store. */
  readonly around?: (store: object) => object;
}

/** A marketplace, and time that passes when it is told to. */
export interface PlayedWorld {
  readonly clock: VirtualClock;
  readonly market: SimMarket;
  readonly chance: Chance;
  readonly providers: readonly Provider[];
}

/** One world may see several lives of the program, on one database or on several. */
export function playedWorld({ hosts, seed, foreign = 0 }: WorldOptions): PlayedWorld {
  const clock = new VirtualClock(STARTED_AT);
  const chance = createChance(seed);
  const market = createMarketplace({
    clock,
    chance: chance.fork('market'),
    credit: { vastai: CREDIT_USD, tensordock: CREDIT_USD },
    work: WORK_NATURES,
    foreign,
    hosts: drawHosts({
      chance: chance.fork('hosts'),
      startedAt: STARTED_AT,
      vastHosts: hosts.vast,
      tensordockHosts: hosts.tensordock,
      badShare: 0,
    }),
  });
  const fetch = playWire({
    facades: [tensordockV2Facade, vastaiFacade].map((facade) =>
      facade(market, DEFAULT_FACADE_OPTIONS),
    ),
    clock,
    chance: chance.fork('wire'),
    faults: () => ({ ...NO_FAULTS, latencyMs: LATENCY_MS }),
    asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
  });
  const recorder: Recorder = { event: () => {}, note: () => {} };
  const { credentials } = market;
  const providers = providersOver({ fetch, clock, recorder }, { apis: APIS, credentials });
  return { clock, market, chance, providers };
}

/**
 * The program from its composition root on, with its database in a file and its API on a port: only the network to the marketplaces, the
 * machines and the time are played.
 */
export async function playedApp(
  world: PlayedWorld,
  { databasePath, settings = {}, around }: AppOptions,
): Promise<App> {
  const { clock, market } = world;
  const parsed = parseConfig({ ...environment(world, databasePath), ...settings }, () => '');
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const remote = {
    market,
    clock,
    chance: world.chance.fork('remote'),
    conditions: () => ({ latencyMs: 50, drops: 0, garbles: 0 }),
    tally: new Tally(),
    onLogin: () => {},
  };
  const played: Readonly<Record<string, (port: object) => object>> = {
    provider: (port) => providerLike(world, port),
    probe: () => simulatedProbe(remote),
    store: around ?? ((port) => port),
  };
  return createApp({
    config: parsed.config,
    logger: createLogger({ level: 'info', format: 'json', destination: nowhere() }),
    version: '0.0.0-played',
    clock,
    guard: (name, port) => insteadOf(port, played[name]?.(port) ?? port),
    openShell: () => ({ ...simulatedShell(remote), start: async () => {}, close: async () => {} }),
  });
}

function insteadOf<Port extends object>(port: Port, other: object): Port {
  return new Proxy(port, { get: (_target, key) => Reflect.get(other, key) });
}

function environment({ market }: PlayedWorld, databasePath: string) {
  const { vastKey, tensordockToken, tensordockAuthId } = market.credentials;
  return {
    VASTAI_API_KEY: vastKey,
    TENSORDOCK_API_TOKEN: tensordockToken,
    TENSORDOCK_AUTH_ID: tensordockAuthId,
    DATABASE_PATH: databasePath,
    HOST: '127.0.0.1',
    PORT: '0',
    RATE_LIMIT_PER_MINUTE: '0',
  };
}

/** The one that was built to dial out says which one stands in for it. */
function providerLike({ providers }: PlayedWorld, port: object): object {
  const api: unknown = Reflect.get(port, 'api');
  const found = providers.find((provider) => provider.api === api);
  if (!found) throw new Error(`no provider is played for ${String(api)}`);
  return found;
}

/** Lines are made, and read by nobody. */
function nowhere(): Writable {
  return new Writable({ write: (_line, _encoding, done) => done() });
}
