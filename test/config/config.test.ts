import { describe, expect, it } from 'vitest';
import { type Config, parseConfig } from '../../src/config.ts';

const KEY = { VASTAI_API_KEY: 'vast-secret' };
const noFile = (path: string): string => {
  throw new Error(`ENOENT ${path}`);
};

function configOf(env: Record<string, string>, readFile = noFile): Config {
  const result = parseConfig({ ...KEY, ...env }, readFile);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

function problemsOf(env: Record<string, string>, readFile = noFile): readonly string[] {
  const result = parseConfig(env, readFile);
  return result.ok ? [] : result.problems;
}

describe('defaults', () => {
  it('are complete with one provider key', () => {
    expect(configOf({})).toEqual({
      server: {
        host: '127.0.0.1',
        port: 8080,
        tokens: [],
        allowedHosts: [],
        rateLimitPerMinute: 6000,
      },
      store: {
        databasePath: './data/gpu-broker.db',
        secretsKey: undefined,
        deploymentId: undefined,
        eventsRetentionDays: 90,
        sessionsRetentionDays: 400,
      },
      vastai: { apiKey: 'vast-secret', baseUrl: 'https://console.vast.ai' },
      tensordock: undefined,
      inventory: { refreshIntervalMs: 60_000, maxAgeMs: 600_000 },
      lifecycle: {
        checkIntervalMs: 5_000,
        idleCheckIntervalMs: 60_000,
        loginCheckIntervalMs: 300_000,
        idleGraceMs: 300_000,
        reconciliationIntervalMs: 60_000,
        hardLimitMs: 43_200_000,
        preservedMaxAgeMs: 168 * 3_600_000,
        orphanGraceMs: 120_000,
        destroyLimitPerSweep: 10,
        isSweepDryRun: false,
        startupSweepTimeoutMs: 120_000,
        shutdownTimeoutMs: 25_000,
      },
      money: {
        balanceCheck: true,
        balanceRefreshIntervalMs: 180_000,
        chargesRefreshIntervalMs: 900_000,
      },
      ssh: { verifyTimeoutMs: 600_000, checkIntervalMs: 2_000 },
      log: { level: 'info', format: 'auto' },
    });
  });

  it('stand for empty values', () => {
    expect(configOf({ PORT: '', HOST: ' ', API_TOKENS: '', VAST_API_KEY: '' })).toEqual(
      configOf({}),
    );
  });
});

describe('values', () => {
  it('are all taken', () => {
    const config = configOf({
      HOST: '0.0.0.0',
      PORT: '9000',
      API_TOKENS: 'alice:token-a, alice:token-b,ci:x:y',
      ALLOWED_HOSTS: 'broker.example, [2001:db8::1]',
      DATABASE_PATH: '/var/lib/broker.db',
      SECRETS_KEY: 'ab'.repeat(32),
      DEPLOYMENT_ID: 'prod1',
      VASTAI_BASE_URL: 'http://127.0.0.1:9999/',
      TENSORDOCK_API_TOKEN: 'td-token',
      TENSORDOCK_AUTH_ID: 'td-id',
      TENSORDOCK_API_VERSION: 'both',
      TENSORDOCK_DEFAULT_IMAGE: 'ubuntu2404',
      TENSORDOCK_DEFAULT_VCPUS: '4',
      TENSORDOCK_DEFAULT_RAM_GB: '16',
      HARD_MAX_HOURS: '6',
      DESTROY_LIMIT_PER_SWEEP: '0',
      SWEEP_DRY_RUN: 'true',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'pretty',
    });
    expect(config).toMatchObject({
      server: {
        host: '0.0.0.0',
        port: 9000,
        tokens: [
          { name: 'alice', token: 'token-a' },
          { name: 'alice', token: 'token-b' },
          { name: 'ci', token: 'x:y' },
        ],
        allowedHosts: ['broker.example', '[2001:db8::1]'],
      },
      store: {
        databasePath: '/var/lib/broker.db',
        secretsKey: 'ab'.repeat(32),
        deploymentId: 'prod1',
      },
      vastai: { baseUrl: 'http://127.0.0.1:9999' },
      tensordock: {
        apiVersion: 'both',
        apiToken: 'td-token',
        authId: 'td-id',
        defaultImage: 'ubuntu2404',
        defaultVcpus: 4,
        defaultRamGb: 16,
      },
      lifecycle: { hardLimitMs: 21_600_000, destroyLimitPerSweep: 0, isSweepDryRun: true },
      log: { level: 'debug', format: 'pretty' },
    });
  });

  it.each([
    ['1ms', 1],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
  ])('read the duration %s', (text, spanMs) => {
    expect(configOf({ SSH_CHECK_INTERVAL: text }).ssh.checkIntervalMs).toBe(spanMs);
  });

  it.each(['0s', '5', '5 m', '-5s', '1.5h', '5d', '597h', '9999999999h', 'soon'])(
    'refuse the duration %s',
    (text) => {
      expect(problemsOf({ ...KEY, SSH_CHECK_INTERVAL: text })).toEqual([
        'SSH_CHECK_INTERVAL must be a duration such as 500ms, 30s, 5m or 2h, up to 596h',
      ]);
    },
  );

  it.each([
    [{ PORT: '65536' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '80.5' }, 'PORT must be a whole number from 0 to 65535'],
    [{ PORT: '0x50' }, 'PORT must be a whole number from 0 to 65535'],
    [{ HOST: 'not a host' }, 'HOST must be an IP address or a host name'],
    [{ ALLOW_UNAUTHENTICATED: 'yes' }, 'ALLOW_UNAUTHENTICATED must be true or false'],
    [
      { ALLOWED_HOSTS: 'a.example:80' },
      'ALLOWED_HOSTS must be host names without port, separated by commas',
    ],
    [
      { API_TOKENS: 'only-a-token' },
      'API_TOKENS must be name:token pairs separated by commas, names of A-Z a-z 0-9 . _ -',
    ],
    [{ API_TOKENS: 'a:same,b:same' }, 'API_TOKENS must not give one token twice'],
    [{ SECRETS_KEY: 'short' }, 'SECRETS_KEY must be 64 hex digits, or base64 of 32 bytes'],
    [{ DEPLOYMENT_ID: 'Prod' }, 'DEPLOYMENT_ID must be 4 to 12 of a-z 0-9'],
    [
      { VASTAI_BASE_URL: 'ftp://x' },
      'VASTAI_BASE_URL must be an http or https URL without login, query or fragment',
    ],
    [
      { VASTAI_BASE_URL: 'https://a:b@x' },
      'VASTAI_BASE_URL must be an http or https URL without login, query or fragment',
    ],
    [{ TENSORDOCK_API_VERSION: 'v1' }, 'TENSORDOCK_API_VERSION must be one of v2, v0, both'],
    [
      { SESSIONS_RETENTION_DAYS: '29' },
      'SESSIONS_RETENTION_DAYS must be 0, which is for ever, or a whole number of days from 30 to 36500',
    ],
    [{ HARD_MAX_HOURS: '0' }, 'HARD_MAX_HOURS must be a whole number from 1 to 168'],
    [
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
    ],
    [
      { INVENTORY_MAX_AGE: '30s' },
      'INVENTORY_MAX_AGE must not be shorter than INVENTORY_REFRESH_INTERVAL',
    ],
  ])('refuse %j', (env, problem) => {
    expect(problemsOf({ ...KEY, ...env })).toEqual([problem]);
  });

  it('are told with every problem at once', () => {
    expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'loud', LOG_FROMAT: 'json' })).toHaveLength(4);
  });
});

describe('other names', () => {
  it.each([
    ['SERVER_HOST', '127.0.0.2', (config: Config) => config.server.host, '127.0.0.2'],
    ['SERVER_PORT', '81', (config: Config) => config.server.port, 81],
    [
      'LIFECYCLE_RECONCILIATION_INTERVAL',
      '7s',
      (config: Config) => config.lifecycle.reconciliationIntervalMs,
      7_000,
    ],
    [
      'LIFECYCLE_HARD_MAX_HOURS',
      '3',
      (config: Config) => config.lifecycle.hardLimitMs,
      3 * 3_600_000,
    ],
    [
      'LIFECYCLE_ORPHAN_GRACE_PERIOD',
      '9s',
      (config: Config) => config.lifecycle.orphanGraceMs,
      9_000,
    ],
    [
      'LIFECYCLE_STARTUP_SWEEP_TIMEOUT',
      '8s',
      (config: Config) => config.lifecycle.startupSweepTimeoutMs,
      8_000,
    ],
  ] as const)('%s is taken', (name, text, pick, value) => {
    expect(pick(configOf({ [name]: text }))).toBe(value);
  });

  it('may both be set when they agree', () => {
    expect(configOf({ VAST_API_KEY: 'vast-secret' }).vastai?.apiKey).toBe('vast-secret');
  });

  it('are refused when they differ, without showing either', () => {
    expect(problemsOf({ ...KEY, VAST_API_KEY: 'other-secret' })).toEqual([
      'VASTAI_API_KEY and VAST_API_KEY are both set and differ',
    ]);
  });

  it('are enough alone', () => {
    expect(parseConfig({ VAST_API_KEY: 'k' }, noFile)).toMatchObject({
      ok: true,
      config: { vastai: { apiKey: 'k' } },
    });
  });
});

describe('secrets in files', () => {
  const files: Readonly<Record<string, string>> = { '/run/key': 'from-file\n', '/run/empty': '\n' };
  const readFile = (path: string): string => files[path] ?? noFile(path);

  it.each(['VASTAI_API_KEY_FILE', 'VAST_API_KEY_FILE'])('are read by %s', (name) => {
    expect(parseConfig({ [name]: '/run/key' }, readFile)).toMatchObject({
      ok: true,
      config: { vastai: { apiKey: 'from-file' } },
    });
  });

  it.each(['/run/empty', '/run/nothing'])('must be there: %s', (path) => {
    expect(problemsOf({ ...KEY, API_TOKENS_FILE: path }, readFile)).toEqual([
      'API_TOKENS_FILE names a file that cannot be read or is empty',
    ]);
  });

  it('must agree with the variable', () => {
    expect(problemsOf({ ...KEY, VASTAI_API_KEY_FILE: '/run/key' }, readFile)).toEqual([
      'VASTAI_API_KEY and VASTAI_API_KEY_FILE are both set and differ',
    ]);
  });

  it('are for secrets only', () => {
    expect(configOf({ PORT_FILE: '/run/key' }, readFile).server.port).toBe(8080);
  });
});

describe('refusals to start', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'broker.example', '127.0.0.1.example'])(
    'on %s without tokens',
    (HOST) => {
      expect(problemsOf({ ...KEY, HOST })).toEqual([
        `HOST ${HOST} can be reached by others, and API_TOKENS is not set: set tokens, listen on 127.0.0.1, or say ALLOW_UNAUTHENTICATED=true`,
      ]);
      expect(problemsOf({ ...KEY, HOST, API_TOKENS: 'a:b' })).toEqual([]);
      expect(problemsOf({ ...KEY, HOST, ALLOW_UNAUTHENTICATED: 'true' })).toEqual([]);
    },
  );

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('not on %s', (HOST) => {
    expect(problemsOf({ ...KEY, HOST })).toEqual([]);
  });

  it('without a provider, with a way out', () => {
    expect(problemsOf({})).toEqual([
      'no provider is configured: set VASTAI_API_KEY, TENSORDOCK_API_TOKEN or both; to try the broker without an account, run npm run demo',
    ]);
  });

  it('for a refused key, without claiming that there is none', () => {
    expect(problemsOf({ VASTAI_API_KEY: 'two words' })).toEqual([
      'VASTAI_API_KEY must be visible characters without spaces',
    ]);
  });

  it('for half of an account', () => {
    expect(problemsOf({ TENSORDOCK_AUTH_ID: 'id' })).toEqual([
      'TENSORDOCK_AUTH_ID is set, and TENSORDOCK_API_TOKEN, which it goes with, is not',
    ]);
    expect(problemsOf({ TENSORDOCK_API_TOKEN: 't', TENSORDOCK_API_VERSION: 'v0' })).toEqual([
      'TENSORDOCK_API_VERSION v0 needs TENSORDOCK_AUTH_ID beside the token',
    ]);
  });
});

describe('names that nobody reads', () => {
  it.each([
    ['VASTAI_APIKEY', 'VASTAI_API_KEY'],
    ['vastai_api_key', 'VASTAI_API_KEY'],
    ['API_TOKEN', 'API_TOKENS'],
    ['TENSORDOCK_API_TOKENS', 'TENSORDOCK_API_TOKEN'],
    ['API_TOKENS_FILES', 'API_TOKENS_FILE'],
    ['HARD_MAX_HOUR', 'HARD_MAX_HOURS'],
    ['LOGLEVEL', 'LOG_LEVEL'],
  ])('are told when they look like ours: %s', (name, meant) => {
    expect(problemsOf({ ...KEY, [name]: 'x' })).toEqual([
      `${name} is not known; did you mean ${meant}?`,
    ]);
  });

  it('are left alone when they are somebody else’s', () => {
    const others = [
      'PATH',
      'HOME',
      'TERM',
      'PWD',
      'HOSTNAME',
      'NODE_ENV',
      'DATABASE_URL',
      'LANG',
      'TZ',
    ];
    expect(
      problemsOf({ ...KEY, ...Object.fromEntries(others.map((name) => [name, 'x'])) }),
    ).toEqual([]);
  });
});

it('shows no secret in any problem', () => {
  const secrets = {
    API_TOKENS: 'zzz-one',
    SECRETS_KEY: 'zzz-two',
    VASTAI_API_KEY: 'zzz three',
    TENSORDOCK_API_TOKEN: 'zzz four',
    VAST_API_KEY: 'zzz five',
  };
  expect(problemsOf(secrets).length).toBeGreaterThan(3);
  expect(problemsOf(secrets).join('\n')).not.toContain('zzz');
});

it('is frozen, all the way down', () => {
  const config = configOf({ API_TOKENS: 'a:b' });
  for (const part of [config, config.server, config.server.tokens, config.server.tokens[0]]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});
