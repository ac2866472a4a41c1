/**
 * `npm run demo`: the main job without any account. Starts the simulated marketplaces and a broker that talks to them
 * over HTTP and SSH as it would to the real ones, walks through the job, and stays up for the reader to try.
 * `--once` ends after the walk; `PORT` chooses the broker's port (8080).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerApi, type SessionAnswer } from './api.ts';
import {
  type Child,
  endChild,
  firstJsonLine,
  lastLines,
  type SimulatorAddress,
  startChild,
} from './children.ts';
import { bold, cyan, dim, say } from './screen.ts';
import { walk } from './walk.ts';

/** Boot times of minutes become seconds. */
const BOOT_SCALE = '0.05';
const DEFAULT_PORT = 8080;

const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-demo-'));
const children: Child[] = [];
const isOnce = process.argv.includes('--once');
let isEnding = false;
let brokerApi: BrokerApi | undefined;

process.once('SIGINT', () => void finish(0));
process.once('SIGTERM', () => void finish(0));
try {
  await main();
} catch (error) {
  if (!isEnding) {
    say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
    await finish(1);
  }
}

async function main(): Promise<void> {
  say(bold('gpu-broker demo'));
  say(
    dim(
      'Simulated Vast.ai and TensorDock (v2 and v0) over their real wire formats; boot times are shortened.',
    ),
  );
  const simulator = await startSimulator();
  const api = await startBroker(simulator);
  await waitForOffers(api);
  await walk({ api, folder });
  if (isOnce) return finish(0);
  invite(api, simulator);
}

async function startSimulator(): Promise<SimulatorAddress> {
  const child = startChild({
    name: 'the simulator',
    script: 'simulator/main.js',
    args: ['--port', '0', '--boot-scale', BOOT_SCALE],
    env: { PATH: process.env['PATH'] ?? '' },
    logFile: join(folder, 'simulator.log'),
    output: 'pipe',
  });
  children.push(child);
  return firstJsonLine<SimulatorAddress>(child);
}

async function startBroker({ listening, credentials }: SimulatorAddress): Promise<BrokerApi> {
  const port = await freePort(Number(process.env['PORT'] ?? DEFAULT_PORT));
  const child = startChild({
    name: 'the broker',
    script: 'main.js',
    args: [],
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      DATABASE_PATH: join(folder, 'broker.db'),
      DEPLOYMENT_ID: 'demo',
      VASTAI_API_KEY: credentials.vastKey,
      VASTAI_BASE_URL: listening,
      TENSORDOCK_API_VERSION: 'both',
      TENSORDOCK_API_TOKEN: credentials.tensordockToken,
      TENSORDOCK_AUTH_ID: credentials.tensordockAuthId,
      TENSORDOCK_BASE_URL: listening,
      LOG_FORMAT: 'json',
    },
    logFile: join(folder, 'broker.log'),
    output: 'log',
  });
  children.push(child);
  const api = new BrokerApi(`http://127.0.0.1:${port}`);
  for (let tries = 0; tries < 120; tries += 1) {
    if (await api.isReady()) {
      brokerApi = api;
      return api;
    }
    if (child.process.exitCode !== null) break;
    await sleep(250);
  }
  throw new Error(`the broker did not become ready:\n${lastLines(child)}`);
}

/** The pollers run in the background; the first pages of all providers are there a moment after the start. */
async function waitForOffers(api: BrokerApi): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    const { services } = await api.get<{ services: { inventory: string } }>('/health');
    if (services.inventory === 'ok') return;
    await sleep(250);
  }
  throw new Error('the menu stayed incomplete for half a minute');
}

/** The wanted port, or any free one when somebody has it. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () =>
      wanted === 0 ? reject(new Error('no free port')) : resolve(freePort(0)),
    );
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : wanted));
    });
  });
}

function invite(api: BrokerApi, { listening }: SimulatorAddress): void {
  say();
  say(
    `The broker stays up at ${cyan(api.url)}, the simulated marketplaces at ${cyan(listening)}. Try:`,
  );
  say(cyan(`   curl '${api.url}/offers?provider=tensordock&gpu_type=4090'`));
  say(cyan(`   curl ${api.url}/sessions`));
  say(cyan(`   curl ${api.url}/health`));
  say(cyan(`   curl ${listening}/_sim/instances`));
  say(dim(`Logs and the database are in ${folder}. Ctrl-C ends every session and cleans up.`));
}

/** Ends the sessions, then the processes, then removes what was written. */
async function finish(code: number): Promise<never> {
  if (isEnding) process.exit(code);
  isEnding = true;
  if (brokerApi) await endSessions(brokerApi);
  for (const child of [...children].reverse()) await endChild(child);
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

async function endSessions(api: BrokerApi): Promise<void> {
  try {
    const { sessions } = await api.get<{ sessions: SessionAnswer[] }>('/sessions?limit=1000');
    const open = sessions.filter(({ status }) => status !== 'stopped' && status !== 'failed');
    if (open.length > 0) say(`\nEnding ${open.length} session(s) …`);
    await Promise.all(open.map(({ id }) => api.delete(`/sessions/${id}`)));
  } catch (error) {
    say(
      `Not every session could be ended: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
