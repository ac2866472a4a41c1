import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerApi } from './api.ts';
import { type Child, lastLines, logText, type SimulatorAddress, startChild } from './children.ts';

const DEFAULT_PORT = '8080';
const FREE_PORT = '0';
const LOOK_EVERY_MS = 100;
const MAX_LOOKS = 300;

export interface BrokerSurroundings {
  /** Where its database and its log go. */
  readonly folder: string;
  /** What is started is added here at once, so that it is ended whatever comes next. */
  readonly children: Child[];
}

/** Starts a broker on the wanted port, or on a free one when somebody has it, and waits until it is ready. */
export async function startBroker(
  simulator: SimulatorAddress,
  surroundings: BrokerSurroundings,
): Promise<BrokerApi> {
  const wanted = process.env['PORT'] || DEFAULT_PORT;
  for (const port of [wanted, FREE_PORT]) {
    const child = startChild({
      name: 'the broker',
      script: 'main.js',
      args: [],
      env: brokerEnvironment(simulator, { folder: surroundings.folder, port }),
      logFile: join(surroundings.folder, `broker-${port}.log`),
      output: 'log',
    });
    surroundings.children.push(child);
    const url = await readyUrl(child);
    if (url !== undefined) return new BrokerApi(url);
  }
  throw new Error('there is no free port');
}

function brokerEnvironment(
  { listening, credentials }: SimulatorAddress,
  { folder, port }: { readonly folder: string; readonly port: string },
): Readonly<Record<string, string>> {
  return {
    PATH: process.env['PATH'] ?? '',
    PORT: port,
    DATABASE_PATH: join(folder, 'broker.db'),
    DEPLOYMENT_ID: 'demo',
    VASTAI_API_KEY: credentials.vastKey,
    VASTAI_BASE_URL: listening,
    TENSORDOCK_API_VERSION: 'both',
    TENSORDOCK_API_TOKEN: credentials.tensordockToken,
    TENSORDOCK_AUTH_ID: credentials.tensordockAuthId,
    TENSORDOCK_BASE_URL: listening,
    LOG_FORMAT: 'json',
  };
}

/**
 * Where this broker says that it listens; undefined when it ended because the port is taken. Its own word counts and
 * not an answer on the port: that may come from another broker, whose machines may be real.
 */
async function readyUrl(child: Child): Promise<string | undefined> {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const port = /"port":(\d+)[^\n]*"msg":"broker ready"/.exec(logText(child))?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
    if (child.process.exitCode !== null) {
      if (logText(child).includes('EADDRINUSE')) return undefined;
      break;
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`the broker did not become ready:\n${lastLines(child)}`);
}
