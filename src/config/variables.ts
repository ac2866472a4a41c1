import {
  baseUrl,
  choice,
  daysKept,
  duration,
  flag,
  host,
  hostList,
  integer,
  text,
  tokenList,
} from './forms.ts';
import { defaulted, optional, type Variable } from './variable.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
/** `auto` is pretty on a terminal and JSON elsewhere. */
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;
export const TENSORDOCK_VERSIONS = ['v2', 'v0', 'both'] as const;

const credential = text(/^[!-~]{1,512}$/, 'visible characters without spaces');
const secretsKey = text(
  /^([0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)$/,
  '64 hex digits, or base64 of 32 bytes',
);

/** Where and to whom the API is served. */
export const SERVING = {
  host: defaulted(host, {
    name: 'HOST',
    aliases: ['SERVER_HOST'],
    defaultText: '127.0.0.1',
    description: 'Address that the API listens on.',
  }),
  port: defaulted(integer(0, 65_535), {
    name: 'PORT',
    aliases: ['SERVER_PORT'],
    defaultText: '8080',
    description: 'Port that the API listens on; 0 takes a free one.',
  }),
  tokens: optional(tokenList, {
    name: 'API_TOKENS',
    isSecret: true,
    description:
      'Who may call; the names stand in the logs. Needed on any address but a loopback one.',
  }),
  allowUnauthenticated: defaulted(flag, {
    name: 'ALLOW_UNAUTHENTICATED',
    defaultText: 'false',
    description: 'Serve without tokens on an address that others can reach.',
  }),
  allowedHosts: optional(hostList, {
    name: 'ALLOWED_HOSTS',
    description: 'Further names by which callers reach the API, for the check of the Host header.',
  }),
  rateLimitPerMinute: defaulted(integer(0, 1_000_000), {
    name: 'RATE_LIMIT_PER_MINUTE',
    defaultText: '6000',
    description:
      'Requests that one client may make in a minute, by token name or else by address; 0 is no limit.',
  }),
};

/** What is kept on disk. */
export const KEEPING = {
  databasePath: defaulted(text(/^[^\0]{1,4096}$/, 'a path'), {
    name: 'DATABASE_PATH',
    defaultText: './data/gpu-broker.db',
    description: 'SQLite file; made when missing, readable by its owner only.',
  }),
  secretsKey: optional(secretsKey, {
    name: 'SECRETS_KEY',
    isSecret: true,
    description:
      'Encrypts session keys at rest. When not set, one is made once beside the database.',
  }),
  deploymentId: optional(text(/^[a-z0-9]{4,12}$/, '4 to 12 of a-z 0-9'), {
    name: 'DEPLOYMENT_ID',
    description:
      'Owns the instances that carry it in their tag. When not set, one is made once and kept in the database; one that differs from it is refused.',
  }),
  eventsRetentionDays: defaulted(daysKept(1), {
    name: 'EVENTS_RETENTION_DAYS',
    defaultText: '90',
    description:
      'Days that the events of a session are kept from its end on, though never longer than the session, and events of no session from when they happened; 0 is for ever.',
  }),
  sessionsRetentionDays: defaulted(daysKept(30), {
    name: 'SESSIONS_RETENTION_DAYS',
    defaultText: '400',
    description:
      'Days that a session is kept from its end on, with its attempts and ledger lines; what it cost is kept for ever. 0 keeps the session for ever too.',
  }),
};

/** The marketplaces. */
export const MARKETPLACES = {
  vastaiApiKey: optional(credential, {
    name: 'VASTAI_API_KEY',
    aliases: ['VAST_API_KEY'],
    isSecret: true,
    description: 'Vast.ai account; without it Vast.ai is not used.',
  }),
  vastaiBaseUrl: defaulted(baseUrl, {
    name: 'VASTAI_BASE_URL',
    defaultText: 'https://console.vast.ai',
    description: 'Where the Vast.ai API is.',
  }),
  tensordockApiToken: optional(credential, {
    name: 'TENSORDOCK_API_TOKEN',
    isSecret: true,
    description: 'TensorDock account; without it TensorDock is not used.',
  }),
  tensordockAuthId: optional(credential, {
    name: 'TENSORDOCK_AUTH_ID',
    aliases: ['TENSORDOCK_API_KEY'],
    isSecret: true,
    description: 'TensorDock authorization id; needed for the v0 API beside the token.',
  }),
  tensordockBaseUrl: defaulted(baseUrl, {
    name: 'TENSORDOCK_BASE_URL',
    defaultText: 'https://dashboard.tensordock.com',
    description: 'Where the TensorDock API is.',
  }),
  tensordockApiVersion: defaulted(choice(TENSORDOCK_VERSIONS), {
    name: 'TENSORDOCK_API_VERSION',
    defaultText: 'v2',
    description: 'Which TensorDock API is used; with both, one offer a site, v2 first.',
  }),
  tensordockDefaultImage: defaulted(text(/^[A-Za-z0-9._-]{1,100}$/, 'an image name'), {
    name: 'TENSORDOCK_DEFAULT_IMAGE',
    defaultText: 'ubuntu2204',
    description: 'Operating system of TensorDock machines.',
  }),
  tensordockDefaultVcpus: defaulted(integer(1, 256), {
    name: 'TENSORDOCK_DEFAULT_VCPUS',
    defaultText: '8',
    description: 'vCPUs of TensorDock machines.',
  }),
  tensordockDefaultRamGb: defaulted(integer(1, 2048), {
    name: 'TENSORDOCK_DEFAULT_RAM_GB',
    defaultText: '32',
    description: 'GB of memory of TensorDock machines.',
  }),
};

/** The menu. */
export const INVENTORY = {
  refreshIntervalMs: defaulted(duration, {
    name: 'INVENTORY_REFRESH_INTERVAL',
    defaultText: '60s',
    description: 'Between two reads of the offers of a provider.',
  }),
  maxAgeMs: defaulted(duration, {
    name: 'INVENTORY_MAX_AGE',
    defaultText: '10m',
    description: "How long a provider's last good offers are shown when it fails.",
  }),
};

/** The promise that every rental ends. */
export const LIFECYCLE = {
  checkIntervalMs: defaulted(duration, {
    name: 'LIFECYCLE_CHECK_INTERVAL',
    defaultText: '5s',
    description: 'Slow tick of every session, behind the wake-ups.',
  }),
  reconciliationIntervalMs: defaulted(duration, {
    name: 'RECONCILIATION_INTERVAL',
    aliases: ['LIFECYCLE_RECONCILIATION_INTERVAL'],
    defaultText: '60s',
    description: "Between two comparisons of the sessions with a provider's instances.",
  }),
  hardMaxHours: defaulted(integer(1, 168), {
    name: 'HARD_MAX_HOURS',
    aliases: ['LIFECYCLE_HARD_MAX_HOURS'],
    defaultText: '12',
    description: 'Hours of running time in all that no session exceeds.',
  }),
  preservedMaxAgeMs: defaulted(duration, {
    name: 'PRESERVED_DISK_MAX_AGE',
    defaultText: '168h',
    description:
      'How long the disk of a preserved session is kept, and billed, before it is given up.',
  }),
  idleCheckIntervalMs: defaulted(duration, {
    name: 'IDLE_CHECK_INTERVAL',
    defaultText: '60s',
    description: 'Between two looks into a running machine whose idleness ends its session.',
  }),
  loginCheckIntervalMs: defaulted(duration, {
    name: 'LOGIN_CHECK_INTERVAL',
    defaultText: '5m',
    description:
      'Between two looks into any other running machine, which show whether its login still works.',
  }),
  idleGraceMs: defaulted(duration, {
    name: 'IDLE_GRACE_PERIOD',
    defaultText: '5m',
    description:
      'From the warning that a session will end for idleness to its end, at least; never more than a third of its threshold.',
  }),
  orphanGraceMs: defaulted(duration, {
    name: 'ORPHAN_GRACE_PERIOD',
    aliases: ['LIFECYCLE_ORPHAN_GRACE_PERIOD'],
    defaultText: '2m',
    description: 'How long an instance of ours that no session wants is left alone.',
  }),
  destroyLimitPerSweep: defaulted(integer(0, 1000), {
    name: 'DESTROY_LIMIT_PER_SWEEP',
    defaultText: '10',
    description:
      'More unwanted instances than this in one sweep are held for a person to decide and not ended.',
  }),
  isSweepDryRun: defaulted(flag, {
    name: 'SWEEP_DRY_RUN',
    defaultText: 'false',
    description: 'Sweeps hold every unwanted instance for a person to decide and end none.',
  }),
  startupSweepTimeoutMs: defaulted(duration, {
    name: 'STARTUP_SWEEP_TIMEOUT',
    aliases: ['LIFECYCLE_STARTUP_SWEEP_TIMEOUT'],
    defaultText: '2m',
    description: 'How long a provider that does not answer may keep the broker from being ready.',
  }),
  shutdownTimeoutMs: defaulted(duration, {
    name: 'SHUTDOWN_TIMEOUT',
    defaultText: '25s',
    description: 'How long open requests and running steps may take after SIGTERM.',
  }),
};

/** What the accounts hold, and what the marketplaces charge. */
export const MONEY = {
  balanceCheck: defaulted(flag, {
    name: 'BALANCE_CHECK',
    defaultText: 'true',
    description:
      'Refuse a launch that the balance cannot carry for its reservation beside those that are open; an unknown balance refuses nothing.',
  }),
  balanceRefreshIntervalMs: defaulted(duration, {
    name: 'BALANCE_REFRESH_INTERVAL',
    defaultText: '3m',
    description: 'Between two reads of the balance at a marketplace.',
  }),
  chargesRefreshIntervalMs: defaulted(duration, {
    name: 'CHARGES_REFRESH_INTERVAL',
    defaultText: '15m',
    description:
      'Between two reads of what a marketplace has charged for machines that are gone; none is made while none of them waits for its bill.',
  }),
};

/** The proof that a login works. */
export const SSH = {
  verifyTimeoutMs: defaulted(duration, {
    name: 'SSH_VERIFY_TIMEOUT',
    defaultText: '10m',
    description:
      'How long an instance may take from the address that it shows to a login; at most 4 min on Vast.ai and 7 min on TensorDock, where none was seen to come later.',
  }),
  checkIntervalMs: defaulted(duration, {
    name: 'SSH_CHECK_INTERVAL',
    defaultText: '2s',
    description: 'Between two tries to log in.',
  }),
};

export const LOGGING = {
  level: defaulted(choice(LOG_LEVELS), {
    name: 'LOG_LEVEL',
    defaultText: 'info',
    description: 'The least level that is logged.',
  }),
  format: defaulted(choice(LOG_FORMATS), {
    name: 'LOG_FORMAT',
    defaultText: 'auto',
    description: 'Form of log lines; auto is pretty on a terminal and JSON elsewhere.',
  }),
};

/** Every variable that the broker reads, in the order of the documentation. */
export const VARIABLE_GROUPS: readonly {
  readonly title: string;
  readonly variables: readonly Variable<unknown>[];
}[] = [
  { title: 'Serving', variables: Object.values(SERVING) },
  { title: 'Keeping', variables: Object.values(KEEPING) },
  { title: 'Marketplaces', variables: Object.values(MARKETPLACES) },
  { title: 'Inventory', variables: Object.values(INVENTORY) },
  { title: 'Lifecycle', variables: Object.values(LIFECYCLE) },
  { title: 'Money', variables: Object.values(MONEY) },
  { title: 'SSH', variables: Object.values(SSH) },
  { title: 'Logging', variables: Object.values(LOGGING) },
];

export const VARIABLES = VARIABLE_GROUPS.flatMap(({ variables }) => variables);
