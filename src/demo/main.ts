/**
 * `npm run demo`: the main job without any account. Starts the simulated marketplaces and a broker that talks to them
 * over HTTP and SSH as it would to the real ones, walks through the job, and stays up for the reader to try.
 * `--once` ends after the walk; `PORT` chooses the broker's port (8080, or a free one when somebody has it).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerApi, SessionAnswer } from './api.ts';
import {
  type Child,
  endChild,
  firstJsonLine,
  type SimulatorAddress,
  startChild,
} from './children.ts';
import { bold, cyan, dim, say } from './screen.ts';
import { startBroker } from './start-broker.ts';
import { walk } from './walk.ts';

/** Boot times of minutes become seconds. */
const BOOT_SCALE = '0.05';

const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-demo-'));
const children: Child[] = [];
const isOnce = process.argv.includes('--once');
let isEnding = false;
let brokerApi: BrokerApi | undefined;

process.on('exit', leaveNothing);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Whoever asks a second time does not want to wait for the sessions.
  process.on(signal, () => (isEnding ? process.exit(1) : void finish(0)));
}
// The terminal, or the program that read this, is gone: nobody is left to try anything.
process.stdout.on('error', () => {
  if (!isEnding) void finish(0);
});
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
  const api = await startBroker(simulator, { folder, children });
  brokerApi = api;
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

/** The pollers run in the background; the first pages of all providers are there a moment after the start. */
async function waitForOffers(api: BrokerApi): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    const { services } = await api.get<{ services: { inventory: string } }>('/health');
    if (services.inventory === 'ok') return;
    await sleep(250);
  }
  throw new Error('the menu stayed incomplete for half a minute');
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
  say(
    `To rent one yourself, follow "A walk with curl" in README.md with ${cyan(`BROKER=${api.url}`)}.`,
  );
  say(dim(`Logs and the database are in ${folder}. Ctrl-C ends every session and cleans up.`));
}

/** Ends the sessions, then the processes. */
async function finish(code: number): Promise<never> {
  isEnding = true;
  if (brokerApi) await endSessions(brokerApi);
  for (const child of [...children].reverse()) await endChild(child);
  process.exit(code);
}

/** However this process ends, short of being killed: no other process and no file of it stays. */
function leaveNothing(): void {
  for (const { process: child } of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
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
