import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, startProgram } from './processes.ts';

/** What of the surroundings a test may want otherwise. */
export interface StageOptions {
  /** How much faster than real the time of the simulator and the brokers runs. */
  readonly speed: number;
  /** How long machines take to boot; 1 is as long as real ones, in the stage's own time. */
  readonly bootScale: number;
  /** How many instances of other people share the accounts. */
  readonly foreign: number;
  /** The longest way there and back of a call to a provider, in the stage's own time. */
  readonly latencyMs: number;
  /** The share of hosts whose machines never boot, vanish, lie or refuse logins. */
  readonly badShare: number;
}

const USUAL: StageOptions = { speed: 10, bootScale: 0.3, foreign: 3, latencyMs: 50, badShare: 0 };
/** Where how a machine comes up is not what a test is about, it comes up soon. */
export const SOON: StageOptions = { ...USUAL, bootScale: 0.05 };

export interface SimulatedInstance {
  readonly id: string;
  readonly label: string | null;
  readonly state: string;
  readonly madeBy: string;
  readonly isForeign: boolean;
  /** Instants are the stage's own. */
  readonly createdAt: number;
  readonly goneAt: number | null;
  readonly endedBy: 'renter' | 'market' | null;
}

export type ForeignInstance = Pick<
  SimulatedInstance,
  'id' | 'label' | 'state' | 'madeBy' | 'isForeign'
>;

/** The simulated marketplaces in a process of their own, and brokers in theirs, all at one pace. */
export interface Stage {
  startBroker(options: BrokerOptions): Promise<StagedBroker>;
  /** Starts a broker and does not wait for it; where it listens, the settings say. */
  spawnBroker(options: BrokerOptions): SpawnedBroker;
  /** The time that the simulator and the brokers have. */
  now(): number;
  /** What a program of the broker needs to reach the simulated marketplaces. */
  environment(tensordock: BrokerOptions['tensordock']): Readonly<Record<string, string>>;
  /** Other people's instances that are alive. */
  foreignInstances(): Promise<readonly ForeignInstance[]>;
  /** Every instance that ever carried a tag of this deployment, or a name that begins like one. */
  instancesOf(deploymentId: string): Promise<readonly SimulatedInstance[]>;
  close(): Promise<void>;
}

export interface BrokerOptions {
  readonly deploymentId: string;
  readonly tensordock: 'v2' | 'v0' | 'both';
  /** See `crashSwitch`; '' for a life that nothing ends. */
  readonly crashAt: string;
  /** The folder of its database in the stage's own; the deployment's id where none is given. */
  readonly home?: string;
  /** Variables beside those that every broker here has, such as `SWEEP_DRY_RUN`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface SpawnedBroker {
  readonly deploymentId: string;
  readonly databasePath: string;
  readonly running: Running;
}

export interface StagedBroker extends SpawnedBroker {
  readonly url: string;
}

interface SimulatorLine {
  readonly listening: string;
  readonly credentials: Readonly<
    Record<'vastKey' | 'tensordockToken' | 'tensordockAuthId', string>
  >;
}

export async function openStage(options: StageOptions = USUAL): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-e2e-'));
  const originMs = Date.now();
  const simulator = startProgram('dist/simulator/main.js', {
    args: marketFlags(options, originMs),
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
  const spawnBroker: Stage['spawnBroker'] = ({ deploymentId, tensordock, ...broker }) => {
    const databasePath = join(folder, broker.home ?? deploymentId, 'broker.db');
    const running = startProgram('dist/e2e/broker-process.js', {
      env: {
        ...environment(tensordock),
        CRASH_AT: broker.crashAt,
        CLOCK_SPEED: String(options.speed),
        CLOCK_ORIGIN_MS: String(originMs),
        PORT: '0',
        // Crowds of callers come from one address here.
        RATE_LIMIT_PER_MINUTE: '0',
        DATABASE_PATH: databasePath,
        DEPLOYMENT_ID: deploymentId,
        ...broker.settings,
      },
    });
    brokers.push(running);
    return { deploymentId, databasePath, running };
  };
  return {
    environment,
    spawnBroker,
    startBroker: async (broker) => {
      const spawned = spawnBroker(broker);
      const { port } = await spawned.running.line<{ port: number }>('ready');
      return { ...spawned, url: `http://127.0.0.1:${port}` };
    },
    now: () => originMs + (Date.now() - originMs) * options.speed,
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

function marketFlags(
  { speed, bootScale, foreign, latencyMs, badShare }: StageOptions,
  originMs: number,
): readonly string[] {
  const flags = {
    port: 0,
    speed,
    'origin-ms': originMs,
    'boot-scale': bootScale,
    foreign,
    'latency-ms': latencyMs,
    'bad-share': badShare,
  };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
