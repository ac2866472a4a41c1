import { join } from 'node:path';
import type { Logger } from 'pino';
import { Agent } from 'undici';
import { type Broker, createBroker } from './broker.ts';
import type { Config } from './config.ts';
import { DEFAULT_POLICY, type Policy } from './domain/policy.ts';
import type { AppServer } from './http/app-server.ts';
import { buildServer } from './http/server.ts';
import type { Clock } from './ports/clock.ts';
import type { Provider } from './ports/provider.ts';
import type { Recorder } from './ports/recorder.ts';
import type { TransportParts } from './providers/http-transport.ts';
import { createTensordockV0Provider } from './providers/tensordock/v0/provider.ts';
import { createTensordockV2Provider } from './providers/tensordock/v2/provider.ts';
import { createVastaiProvider } from './providers/vastai/provider.ts';
import { wireFetchOver } from './providers/wire-fetch.ts';
import { createRemoteShell } from './ssh/remote-shell.ts';
import { loadSecretsKey } from './ssh/secrets-key.ts';
import { createKeys } from './ssh/session-keys.ts';
import { type OpenedStore, openStore } from './store/open-store.ts';
import { systemRandom } from './system/random.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { createRecorder } from './telemetry/recorder.ts';

/** Connections that a provider does not take up in this time are given up; each call has its own deadline on top. */
const CONNECT_TIMEOUT_MS = 10_000;
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
  /** Stands between the broker and each of its ports; tests end the process there. */
  readonly guard: <Port extends object>(name: string, port: Port) => Port;
}

/** The composition root: builds the real parts and joins them. Rejects with a sentence for the operator. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, logger, clock } = options;
  const metrics = createMetrics({ clock });
  const recorder = createRecorder(logger, metrics);
  const opened = await openDatabase(config);
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  const broker = createRealBroker(options, { opened, recorder, agent });
  metrics.observeWith(() => broker.fleet());
  const server = createServer(options, { broker, metrics });
  return {
    server,
    start: async () => {
      const { host, port } = config.server;
      await server.listen({ host, port });
      await broker.start();
    },
    stop: async () => {
      await Promise.all([broker.stop(), server.close()]);
      await agent.close();
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
  readonly agent: Agent;
}

function createRealBroker({ config, clock, guard }: AppOptions, parts: RealParts): Broker {
  const { opened, recorder, agent } = parts;
  // Node's own undici takes this one's agents; only the two packages' types do not know each other.
  const init = { dispatcher: agent } as unknown as RequestInit;
  const fetch = wireFetchOver(globalThis.fetch, init);
  const secretsKey = loadSecretsKey(secretsKeySource(config));
  return createBroker(
    {
      store: guard('store', opened.store),
      providers: createProviders(config, { fetch, clock, recorder }).map((provider) =>
        guard('provider', provider),
      ),
      shell: guard('shell', createRemoteShell({ clock })),
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

/** In order of preference: of one site seen through two APIs the first one's offer is shown. */
function createProviders({ vastai, tensordock }: Config, transport: TransportParts): Provider[] {
  const providers: Provider[] = [];
  if (vastai) providers.push(createVastaiProvider(transport, vastai));
  if (tensordock && tensordock.apiVersion !== 'v0') {
    const { authId, ...rest } = tensordock;
    const access = authId === undefined ? rest : { ...rest, authId };
    providers.push(createTensordockV2Provider(transport, access));
  }
  if (tensordock && tensordock.apiVersion !== 'v2') {
    providers.push(createTensordockV0Provider(transport, tensordock));
  }
  return providers;
}

function policyOf({ inventory, lifecycle, ssh }: Config): Policy {
  return {
    ...DEFAULT_POLICY,
    hardLimitMs: lifecycle.hardLimitMs,
    offersRefreshMs: inventory.refreshIntervalMs,
    offersMaxAgeMs: inventory.maxAgeMs,
    lifecycleTickMs: lifecycle.checkIntervalMs,
    reconcileIntervalMs: lifecycle.reconciliationIntervalMs,
    orphanGraceMs: lifecycle.orphanGraceMs,
    destroyLimitPerSweep: lifecycle.destroyLimitPerSweep,
    startupSweepMs: lifecycle.startupSweepTimeoutMs,
    proofTimeoutMs: ssh.verifyTimeoutMs,
    proofIntervalMs: ssh.checkIntervalMs,
  };
}

function createServer(
  { config, logger, version, clock }: AppOptions,
  { broker, metrics }: { readonly broker: Broker; readonly metrics: Metrics },
): AppServer {
  const { host, tokens, allowedHosts } = config.server;
  const { menu, sessions, costs } = broker;
  return buildServer({
    menu,
    sessions,
    costs,
    phase: () => broker.phase(),
    metricsText: () => metrics.renderMetrics(),
    recordRequest: (request) => metrics.recordRequest(request),
    log: logger,
    now: () => clock.now(),
    providers: PROVIDER_NAMES,
    tokens,
    allowedHosts,
    boundHost: host,
    makeRequestId: () => `req-${systemRandom.token(16)}`,
    hardLimitMs: config.lifecycle.hardLimitMs,
    apiVersionInfo: { name: 'gpu-broker', version },
  });
}
