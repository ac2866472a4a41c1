import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { type Broker, createBroker } from './broker.ts';
import type { Config } from './config.ts';
import { DEFAULT_POLICY, type Policy } from './domain/policy.ts';
import { DAY_MS } from './domain/time.ts';
import type { AppServer } from './http/app-server.ts';
import { CONNECTION_LIMITS } from './http/connection-limits.ts';
import { buildServer } from './http/server.ts';
import type { Clock } from './ports/clock.ts';
import type { Provider } from './ports/provider.ts';
import type { Recorder } from './ports/recorder.ts';
import type { RemoteShell } from './ports/remote-shell.ts';
import type { Tracing } from './ports/tracing.ts';
import { createWorkloadProbe } from './probe/workload-probe.ts';
import { loadSecretsKey } from './ssh/secrets-key.ts';
import { createKeys } from './ssh/session-keys.ts';
import { createShellThread, type ShellThread } from './ssh/shell-thread.ts';
import { type OpenedStore, openStore } from './store/open-store.ts';
import { systemRandom } from './system/random.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { createRecorder } from './telemetry/recorder.ts';
import { openProviders } from './wiring.ts';

const DEPLOYMENT_ID_LENGTH = 8;
/** Every marketplace that a caller may name, whether or not it is configured here. */
const PROVIDER_NAMES = ['vastai', 'tensordock'];

export interface App {
  readonly server: AppServer;
  /** Listens, then starts the broker: reads are answered while the startup sweep runs. Resolves when it is ready. */
  start(): Promise<void>;
  /** Refuses new work, answers what is open, stops the loops, closes the database. Ends nobody's session. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly version: string;
  readonly clock: Clock;
  /** Absent where nobody collects spans. Whoever opened it closes it. */
  readonly tracing?: Tracing;
  /** Stands between the broker and each of its ports; tests end the process there. */
  readonly guard: <Port extends object>(name: string, port: Port) => Port;
  /** Undefined: a thread of its own. */
  readonly openShell?: (clock: Clock, recorder: Recorder) => ShellThread;
}

/** The composition root: builds the real parts and joins them. Rejects with a sentence for the operator. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, logger, clock } = options;
  const metrics = createMetrics({ clock });
  const recorder = createRecorder(logger, metrics, options.tracing);
  const opened = await openDatabase(config);
  const { providers, close } = openProviders(config, { clock, recorder });
  const { openShell = openShellThread } = options;
  const shell = openShell(clock, recorder);
  const broker = createRealBroker(options, { opened, recorder, providers, shell });
  const { databasePath } = config.store;
  const isOnDisk = databasePath !== ':memory:';
  metrics.observeWith({ ...broker, ...(isOnDisk ? { dataFolder: dirname(databasePath) } : {}) });
  const server = createServer(options, { broker, metrics });
  return {
    server,
    start: async () => {
      const { host, port } = config.server;
      await server.listen({ host, port });
      await shell.start();
      await broker.start();
    },
    stop: async () => {
      await Promise.all([broker.stop(), server.close()]);
      await Promise.all([close(), shell.close()]);
      await opened.store.close();
    },
  };
}

function openDatabase({ store }: Config): Promise<OpenedStore> {
  const { databasePath, deploymentId } = store;
  return openStore({
    path: databasePath,
    newDeploymentId: () => systemRandom.token(DEPLOYMENT_ID_LENGTH),
    ...(deploymentId === undefined ? {} : { deploymentId }),
  });
}

interface RealParts {
  readonly opened: OpenedStore;
  readonly recorder: Recorder;
  readonly providers: readonly Provider[];
  readonly shell: RemoteShell;
}

/** What it reads of one machine is a few kB; what a host sends without end is cut off long before this. */
const SHELL_HEAP_MB = 128;

/** Its program is a file beside the one that this becomes a part of. */
function openShellThread(clock: Clock, recorder: Recorder): ShellThread {
  const program = new URL('./ssh-worker.js', import.meta.url);
  return createShellThread({
    clock,
    start: () => new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: SHELL_HEAP_MB } }),
    // Counted with the loops that fail, so that somebody is told: machines are rented meanwhile that nobody gets in to.
    onFault: (error) => recorder.note({ kind: 'loop_failed', loop: 'logins', error }),
  });
}

function createRealBroker({ config, clock, guard }: AppOptions, parts: RealParts): Broker {
  const { opened, recorder, providers, shell } = parts;
  const secretsKey = loadSecretsKey(secretsKeySource(config));
  return createBroker(
    {
      store: guard('store', opened.store),
      providers: providers.map((provider) => guard('provider', provider)),
      shell: guard('shell', shell),
      probe: guard('probe', createWorkloadProbe({ clock })),
      keys: createKeys(secretsKey),
      clock,
      random: systemRandom,
      recorder,
      deploymentId: opened.deploymentId,
    },
    policyOf(config),
  );
}

function secretsKeySource({ store }: Config) {
  return store.secretsKey === undefined
    ? { kind: 'file' as const, path: join(store.databasePath, '..', 'secrets.key') }
    : { kind: 'given' as const, text: store.secretsKey };
}

/** What the operator has set of the policy; the rest is as it comes. */
export function policyOf({ store, inventory, lifecycle, money, ssh }: Config): Policy {
  return {
    ...DEFAULT_POLICY,
    hardLimitMs: lifecycle.hardLimitMs,
    offersRefreshMs: inventory.refreshIntervalMs,
    offersMaxAgeMs: inventory.maxAgeMs,
    lifecycleTickMs: lifecycle.checkIntervalMs,
    reconcileIntervalMs: lifecycle.reconciliationIntervalMs,
    preservedMaxAgeMs: lifecycle.preservedMaxAgeMs,
    idleCheckMs: lifecycle.idleCheckIntervalMs,
    loginCheckMs: lifecycle.loginCheckIntervalMs,
    idleGraceMs: lifecycle.idleGraceMs,
    // A look that comes late, or one that is left out, must not look like a silence.
    heartbeatGapMs: Math.max(DEFAULT_POLICY.heartbeatGapMs, 3 * lifecycle.idleCheckIntervalMs),
    orphanGraceMs: lifecycle.orphanGraceMs,
    destroyLimitPerSweep: lifecycle.destroyLimitPerSweep,
    isSweepDryRun: lifecycle.isSweepDryRun,
    startupSweepMs: lifecycle.startupSweepTimeoutMs,
    checksBalance: money.balanceCheck,
    balanceRefreshMs: money.balanceRefreshIntervalMs,
    chargesRefreshMs: money.chargesRefreshIntervalMs,
    eventsKeptMs: keptMs(store.eventsRetentionDays),
    sessionsKeptMs: keptMs(store.sessionsRetentionDays),
    proofTimeoutMs: ssh.verifyTimeoutMs,
    proofIntervalMs: ssh.checkIntervalMs,
  };
}

function keptMs(days: number): number | undefined {
  return days === 0 ? undefined : days * DAY_MS;
}

function createServer(
  { config, logger, version, clock, tracing }: AppOptions,
  { broker, metrics }: { readonly broker: Broker; readonly metrics: Metrics },
): AppServer {
  const { host, tokens, allowedHosts, rateLimitPerMinute } = config.server;
  const { menu, templates, offerHealth, sessions, diagnostics } = broker;
  const { heartbeats, activity, orphans, costs } = broker;
  return buildServer({
    menu,
    templates,
    offerHealth,
    sessions,
    diagnostics,
    heartbeats,
    activity,
    orphans,
    costs,
    accounts: () => broker.accounts(),
    incidents: () => broker.incidents(),
    phase: () => broker.phase(),
    metricsText: () => metrics.renderMetrics(),
    recordRequest: (request) => metrics.recordRequest(request),
    tracing,
    log: logger,
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    providers: PROVIDER_NAMES,
    tokens,
    allowedHosts,
    rateLimitPerMinute,
    connections: CONNECTION_LIMITS,
    boundHost: host,
    makeRequestId: () => `req-${systemRandom.token(16)}`,
    hardLimitMs: config.lifecycle.hardLimitMs,
    preservedMaxAgeMs: config.lifecycle.preservedMaxAgeMs,
    apiVersionInfo: { name: 'gpu-broker', version },
  });
}
