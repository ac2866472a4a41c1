/**
 * The simulated marketplace as a process: `node dist/simulator/main.js [--port 9400] [--seed 1] [--boot-scale 0.05]`.
 * Prints one line of JSON when it listens, with its address and the (made-up) credentials that it accepts.
 */
import { createChance } from './chance.ts';
import { DEFAULT_FACADE_OPTIONS } from './default-options.ts';
import { DEFAULT_TENSORDOCK_HOSTS, DEFAULT_VAST_HOSTS, drawHosts } from './hosts.ts';
import { type MainOptions, readMainOptions } from './main-options.ts';
import { createMarketplace, type SimMarket } from './market.ts';
import type { SimClock, SimHost } from './model.ts';
import { realClock } from './real-clock.ts';
import { realSshPlane } from './real-ssh-plane.ts';
import { startSimulator } from './server.ts';
import type { SshPlane } from './ssh-plane.ts';
import { tensordockV0Facade } from './tensordock/v0-facade.ts';
import { tensordockV2Facade } from './tensordock/v2-facade.ts';
import { vastaiFacade } from './vastai/facade.ts';
import { NO_FAULTS } from './wire-faults.ts';

const LOOPBACK = '127.0.0.1';
const DELETE_MS = { low: 4_000, high: 12_000 };

async function main(): Promise<void> {
  const { argv, env, stdout } = process;
  const options = readMainOptions(argv.slice(2), env);
  const clock = realClock(options);
  const plane = realSshPlane(clock);
  const market = openMarket(options, { clock, plane });
  const facades = [tensordockV2Facade, tensordockV0Facade, vastaiFacade];
  const simulator = await startSimulator({
    port: options.port,
    host: LOOPBACK,
    market,
    facades: facades.map((facade) =>
      facade(market, { ...DEFAULT_FACADE_OPTIONS, rateLimits: options.rateLimits }),
    ),
    faults: { ...NO_FAULTS, latencyMs: { low: 0, high: options.latencyMs } },
  });
  const { seed, bootScale, credentials } = options;
  stdout.write(`${JSON.stringify({ listening: simulator.url, seed, bootScale, credentials })}\n`);
  const close = (): void => {
    plane.closeAll();
    void simulator.close();
  };
  process.once('SIGTERM', close).once('SIGINT', close);
}

interface Surroundings {
  readonly clock: SimClock;
  readonly plane: SshPlane;
}

function openMarket(options: MainOptions, { clock, plane }: Surroundings): SimMarket {
  const chance = createChance(options.seed);
  const hosts = drawHosts({
    chance: chance.fork('hosts'),
    startedAt: clock.now(),
    vastHosts: DEFAULT_VAST_HOSTS,
    tensordockHosts: DEFAULT_TENSORDOCK_HOSTS,
    badShare: options.badShare,
  });
  return createMarketplace({
    clock,
    chance,
    plane,
    hosts: hosts.map(onLoopback),
    credentials: options.credentials,
    bootScale: options.bootScale,
    deleteTakesMs: scale(DELETE_MS, options.bootScale),
    foreign: options.foreign,
  });
}

/** All machines share this one's loopback address, so each needs a port of its own and none can have 22. */
function onLoopback(host: SimHost): SimHost {
  return host.market === 'tensordock'
    ? { ...host, dedicatedIps: false, portForwards: true, publicIp: LOOPBACK }
    : { ...host, directPorts: Math.max(host.directPorts, 10), publicIp: LOOPBACK };
}

function scale({ low, high }: typeof DELETE_MS, factor: number): typeof DELETE_MS {
  return { low: Math.round(low * factor), high: Math.round(high * factor) };
}

await main();
