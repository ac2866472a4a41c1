import {
  type Environment,
  type EnvironmentReader,
  environmentReader,
  type ReadFile,
  type Values,
} from './config/environment.ts';
import type { NamedToken } from './config/forms.ts';
import { misspeltNames } from './config/misspelt.ts';
import {
  INVENTORY,
  KEEPING,
  LIFECYCLE,
  LOGGING,
  MARKETPLACES,
  MONEY,
  SERVING,
  SSH,
  type TENSORDOCK_VERSIONS,
  VARIABLES,
} from './config/variables.ts';
import { HOUR_MS } from './domain/time.ts';

/** Everything that a running broker is told from outside. Frozen; all spans in milliseconds. */
export interface Config {
  readonly server: ServerConfig;
  readonly store: Values<typeof KEEPING>;
  /** Undefined when no key is given: then this marketplace is not used. */
  readonly vastai: VastaiConfig | undefined;
  readonly tensordock: TensordockConfig | undefined;
  readonly inventory: Values<typeof INVENTORY>;
  readonly lifecycle: LifecycleConfig;
  readonly money: Values<typeof MONEY>;
  readonly ssh: Values<typeof SSH>;
  readonly log: Values<typeof LOGGING>;
}

export interface ServerConfig {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Empty = everybody may call. */
  readonly tokens: readonly NamedToken[];
  readonly allowedHosts: readonly string[];
  /** Requests of one client in a minute; 0 = as many as it likes. */
  readonly rateLimitPerMinute: number;
}

export interface VastaiConfig {
  readonly apiKey: string;
  readonly baseUrl: string;
}

/** One of the two APIs, or both; the v0 API needs an authorization id beside the token. */
export type TensordockConfig = TensordockDefaults &
  (
    | { readonly apiVersion: 'v2'; readonly apiToken: string; readonly authId: string | undefined }
    | { readonly apiVersion: 'v0' | 'both'; readonly apiToken: string; readonly authId: string }
  );

interface TensordockDefaults {
  readonly baseUrl: string;
  readonly defaultImage: string;
  readonly defaultVcpus: number;
  readonly defaultRamGb: number;
}

export interface LifecycleConfig extends Omit<Values<typeof LIFECYCLE>, 'hardMaxHours'> {
  readonly hardLimitMs: number;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  /** Sentences for the operator, without any secret. */
  | { readonly ok: false; readonly problems: readonly string[] };

/** The whole configuration from the environment, or every problem of it at once. */
export function parseConfig(env: Environment, readFile: ReadFile): ConfigResult {
  const reader = environmentReader(env, readFile);
  const marketplaces = reader.readAll(MARKETPLACES);
  const { hardMaxHours, ...lifecycle } = reader.readAll(LIFECYCLE);
  const config: Config = {
    server: serverConfig(reader),
    store: reader.readAll(KEEPING),
    vastai: vastaiConfig(marketplaces),
    tensordock: tensordockConfig(reader, marketplaces),
    inventory: inventoryConfig(reader),
    lifecycle: { ...lifecycle, hardLimitMs: hardMaxHours * HOUR_MS },
    money: reader.readAll(MONEY),
    ssh: reader.readAll(SSH),
    log: reader.readAll(LOGGING),
  };
  const single = [...reader.problems, ...misspeltNames(env, VARIABLES)];
  const problems = [...single, ...providerProblems(marketplaces, single)];
  return problems.length === 0 ? { ok: true, config: frozen(config) } : { ok: false, problems };
}

/** What commands need that only look after the database: no marketplace has to be configured for them. */
export function parseStoreConfig(env: Environment, readFile: ReadFile): StoreConfigResult {
  const reader = environmentReader(env, readFile);
  const store = reader.readAll(KEEPING);
  const problems = reader.problems;
  return problems.length === 0 ? { ok: true, store } : { ok: false, problems };
}

export type StoreConfigResult =
  | { readonly ok: true; readonly store: Config['store'] }
  | { readonly ok: false; readonly problems: readonly string[] };

function serverConfig(reader: EnvironmentReader): ServerConfig {
  const {
    host,
    port,
    tokens = [],
    allowUnauthenticated,
    allowedHosts = [],
    rateLimitPerMinute,
  } = reader.readAll(SERVING);
  if (!isLoopback(host) && tokens.length === 0 && !allowUnauthenticated) {
    reader.report(
      `HOST ${host} can be reached by others, and API_TOKENS is not set: set tokens, listen on 127.0.0.1, or say ALLOW_UNAUTHENTICATED=true`,
    );
  }
  return { host, port, tokens, allowedHosts, rateLimitPerMinute };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

type Marketplaces = Values<typeof MARKETPLACES>;

function vastaiConfig(given: Marketplaces): VastaiConfig | undefined {
  return given.vastaiApiKey === undefined
    ? undefined
    : { apiKey: given.vastaiApiKey, baseUrl: given.vastaiBaseUrl };
}

function tensordockConfig(
  reader: EnvironmentReader,
  given: Marketplaces,
): TensordockConfig | undefined {
  const { tensordockApiToken: apiToken, tensordockAuthId: authId } = given;
  if (apiToken === undefined && authId === undefined) return undefined;
  if (apiToken === undefined) {
    reader.report(
      'TENSORDOCK_AUTH_ID is set, and TENSORDOCK_API_TOKEN, which it goes with, is not',
    );
    return undefined;
  }
  const apiVersion: (typeof TENSORDOCK_VERSIONS)[number] = given.tensordockApiVersion;
  const defaults = tensordockDefaults(given);
  if (apiVersion === 'v2') return { ...defaults, apiVersion, apiToken, authId };
  if (authId === undefined) {
    reader.report(`TENSORDOCK_API_VERSION ${apiVersion} needs TENSORDOCK_AUTH_ID beside the token`);
    return undefined;
  }
  return { ...defaults, apiVersion, apiToken, authId };
}

function tensordockDefaults(given: Marketplaces): TensordockDefaults {
  return {
    baseUrl: given.tensordockBaseUrl,
    defaultImage: given.tensordockDefaultImage,
    defaultVcpus: given.tensordockDefaultVcpus,
    defaultRamGb: given.tensordockDefaultRamGb,
  };
}

function inventoryConfig(reader: EnvironmentReader): Config['inventory'] {
  const inventory = reader.readAll(INVENTORY);
  if (inventory.maxAgeMs < inventory.refreshIntervalMs) {
    reader.report('INVENTORY_MAX_AGE must not be shorter than INVENTORY_REFRESH_INTERVAL');
  }
  return inventory;
}

const REFUSED_CREDENTIAL = /^(VAST|TENSORDOCK)\S*(KEY|TOKEN|ID)/i;

/** A key that was given and refused is the problem to tell; that no provider is left follows from it. */
function providerProblems(given: Marketplaces, others: readonly string[]): readonly string[] {
  const hasProvider = given.vastaiApiKey !== undefined || given.tensordockApiToken !== undefined;
  if (hasProvider || others.some((problem) => REFUSED_CREDENTIAL.test(problem))) return [];
  return [
    'no provider is configured: set VASTAI_API_KEY, TENSORDOCK_API_TOKEN or both; to try the broker without an account, run npm run demo',
  ];
}

function frozen<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) frozen(inner);
  }
  return Object.freeze(value);
}
