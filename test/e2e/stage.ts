import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, startProgram } from './processes.ts';

/** How much faster than real the time of the simulator and the broker runs. */
const SPEED = '10';

export interface SimulatedInstance {
  readonly id: string;
  readonly label: string | null;
  readonly state: string;
  readonly madeBy: string;
  readonly isForeign: boolean;
}

/** The simulated marketplaces in a process of their own, and brokers in theirs, all at one pace. */
export interface Stage {
  startBroker(options: BrokerOptions): Promise<StagedBroker>;
  /** What a program of the broker needs to reach the simulated marketplaces. */
  environment(tensordock: BrokerOptions['tensordock']): Readonly<Record<string, string>>;
  /** Other people's instances that are alive. */
  foreignInstances(): Promise<readonly SimulatedInstance[]>;
  /** Every instance that ever carried a tag of this deployment. */
  instancesOf(deploymentId: string): Promise<readonly SimulatedInstance[]>;
  close(): Promise<void>;
}

export interface BrokerOptions {
  readonly deploymentId: string;
  readonly tensordock: 'v2' | 'v0';
  /** See `crashSwitch`; '' for a life that nothing ends. */
  readonly crashAt: string;
  /** The folder of its database in the stage's own; the deployment's id where none is given. */
  readonly home?: string;
  /** Variables beside those that every broker here has, such as `SWEEP_DRY_RUN`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface StagedBroker {
  readonly deploymentId: string;
  readonly url: string;
  readonly databasePath: string;
  readonly running: Running;
}

interface SimulatorLine {
  readonly listening: string;
  readonly credentials: Readonly<
    Record<'vastKey' | 'tensordockToken' | 'tensordockAuthId', string>
  >;
}

/** Where how a machine comes up is not what a test is about, it comes up soon. */
export const SOON = { bootScale: '0.05' };

export async function openStage({ bootScale } = { bootScale: '0.3' }): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-e2e-'));
  const originMs = String(Date.now());
  const simulator = startProgram('dist/simulator/main.js', {
    args: ['--port', '0', '--speed', SPEED, '--origin-ms', originMs, '--boot-scale', bootScale],
    // All brokers of these tests share one account and one address; its limits are not what is tested here.
    env: { SIM_RATE_LIMITS: 'off' },
  });
  const { listening, credentials } = await simulator.line<SimulatorLine>('listening');
  const brokers: Running[] = [];
  const environment: Stage['environment'] = (tensordock) => ({
    VASTAI_API_KEY: credentials.vastKey,
    VASTAI_BASE_URL: listening,
    TENSORDOCK_API_VERSION: tensordock,
    TENSORDOCK_API_TOKEN: credentials.tensordockToken,
    TENSORDOCK_AUTH_ID: credentials.tensordockAuthId,
    TENSORDOCK_BASE_URL: listening,
  });
  const instances = async (): Promise<readonly SimulatedInstance[]> => {
    const answer = await fetch(`${listening}/_sim/instances`);
    return ((await answer.json()) as { instances: SimulatedInstance[] }).instances;
  };
  return {
    environment,
    startBroker: async ({ deploymentId, tensordock, crashAt, home = deploymentId, settings }) => {
      const databasePath = join(folder, home, 'broker.db');
      const running = startProgram('test/e2e/broker-process.mjs', {
        env: {
          ...environment(tensordock),
          CRASH_AT: crashAt,
          CLOCK_SPEED: SPEED,
          CLOCK_ORIGIN_MS: originMs,
          PORT: '0',
          DATABASE_PATH: databasePath,
          DEPLOYMENT_ID: deploymentId,
          ...settings,
        },
      });
      brokers.push(running);
      const { port } = await running.line<{ port: number }>('ready');
      return { deploymentId, url: `http://127.0.0.1:${port}`, databasePath, running };
    },
    foreignInstances: async () =>
      (await instances())
        .filter(({ isForeign, state }) => isForeign && state !== 'gone')
        .map(({ id, label, state, madeBy, isForeign }) => ({
          id,
          label,
          state,
          madeBy,
          isForeign,
        })),
    instancesOf: async (deploymentId) =>
      (await instances()).filter(({ label }) => label?.startsWith(`gpub-${deploymentId}-`)),
    close: async () => {
      await Promise.all(brokers.map((broker) => broker.kill('SIGKILL')));
      await simulator.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
