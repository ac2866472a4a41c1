import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, startProgram } from './processes.ts';

/** How much faster than real the time of the simulator and the broker runs. */
const SPEED = '20';

export interface SimulatedInstance {
  readonly id: string;
  readonly label: string | null;
  readonly state: string;
  readonly madeBy: string;
}

/** The simulated marketplaces in a process of their own, and brokers in theirs, all at one pace. */
export interface Stage {
  startBroker(options: BrokerOptions): Promise<StagedBroker>;
  /** Every instance that ever carried a tag of this deployment. */
  instancesOf(deploymentId: string): Promise<readonly SimulatedInstance[]>;
  close(): Promise<void>;
}

export interface BrokerOptions {
  readonly deploymentId: string;
  readonly tensordock: 'v2' | 'v0';
  /** See `crashSwitch`; '' for a life that nothing ends. */
  readonly crashAt: string;
}

export interface StagedBroker {
  readonly url: string;
  readonly running: Running;
}

interface SimulatorLine {
  readonly listening: string;
  readonly credentials: Readonly<
    Record<'vastKey' | 'tensordockToken' | 'tensordockAuthId', string>
  >;
}

export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-e2e-'));
  const originMs = String(Date.now());
  const simulator = startProgram('dist/simulator/main.js', {
    args: ['--port', '0', '--speed', SPEED, '--origin-ms', originMs, '--boot-scale', '0.3'],
    // All brokers of these tests share one account and one address; its limits are not what is tested here.
    env: { SIM_RATE_LIMITS: 'off' },
  });
  const { listening, credentials } = await simulator.line<SimulatorLine>('listening');
  const brokers: Running[] = [];
  return {
    startBroker: async ({ deploymentId, tensordock, crashAt }) => {
      const running = startProgram('test/e2e/broker-process.mjs', {
        env: {
          CRASH_AT: crashAt,
          CLOCK_SPEED: SPEED,
          CLOCK_ORIGIN_MS: originMs,
          PORT: '0',
          DATABASE_PATH: join(folder, deploymentId, 'broker.db'),
          DEPLOYMENT_ID: deploymentId,
          VASTAI_API_KEY: credentials.vastKey,
          VASTAI_BASE_URL: listening,
          TENSORDOCK_API_VERSION: tensordock,
          TENSORDOCK_API_TOKEN: credentials.tensordockToken,
          TENSORDOCK_AUTH_ID: credentials.tensordockAuthId,
          TENSORDOCK_BASE_URL: listening,
        },
      });
      brokers.push(running);
      const { port } = await running.line<{ port: number }>('ready');
      return { url: `http://127.0.0.1:${port}`, running };
    },
    instancesOf: async (deploymentId) => {
      const answer = await fetch(`${listening}/_sim/instances`);
      const { instances } = (await answer.json()) as { instances: SimulatedInstance[] };
      return instances.filter(({ label }) => label?.startsWith(`gpub-${deploymentId}-`));
    },
    close: async () => {
      await Promise.all(brokers.map((broker) => broker.kill('SIGKILL')));
      await simulator.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
