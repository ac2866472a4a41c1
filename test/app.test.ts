import { describe, expect, it } from 'vitest';
import { createApp, policyOf } from '../src/app.ts';
import { type Config, parseConfig } from '../src/config.ts';
import { DEFAULT_POLICY, type Policy } from '../src/domain/policy.ts';
import type { RemoteShell } from '../src/ports/remote-shell.ts';
import { systemClock } from '../src/system/clock.ts';
import { captureLog } from './telemetry/captured-log.ts';

function configWith(env: Record<string, string>): Config {
  const result = parseConfig({ VASTAI_API_KEY: 'key', ...env }, () => '');
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.config;
}

function policyWith(env: Record<string, string>): Policy {
  return policyOf(configWith(env));
}

describe('the policy of a running broker', () => {
  it('is the default one where nothing is set', () => {
    expect(policyWith({})).toEqual(DEFAULT_POLICY);
  });

  it.each([
    [{ SWEEP_DRY_RUN: 'true' }, { isSweepDryRun: true }],
    [{ DESTROY_LIMIT_PER_SWEEP: '0' }, { destroyLimitPerSweep: 0 }],
    [{ ORPHAN_GRACE_PERIOD: '7m' }, { orphanGraceMs: 420_000 }],
    [{ RECONCILIATION_INTERVAL: '7m' }, { reconcileIntervalMs: 420_000 }],
    [{ STARTUP_SWEEP_TIMEOUT: '7m' }, { startupSweepMs: 420_000 }],
    [{ LIFECYCLE_CHECK_INTERVAL: '7s' }, { lifecycleTickMs: 7_000 }],
    [{ EVENTS_RETENTION_DAYS: '7' }, { eventsKeptMs: 604_800_000 }],
    [{ SESSIONS_RETENTION_DAYS: '0' }, { sessionsKeptMs: undefined }],
    [{ HARD_MAX_HOURS: '7' }, { hardLimitMs: 25_200_000 }],
    [{ INVENTORY_REFRESH_INTERVAL: '7s' }, { offersRefreshMs: 7_000 }],
    [{ INVENTORY_MAX_AGE: '7m' }, { offersMaxAgeMs: 420_000 }],
    [{ SSH_VERIFY_TIMEOUT: '7m' }, { proofTimeoutMs: 420_000 }],
    [{ SSH_CHECK_INTERVAL: '7s' }, { proofIntervalMs: 7_000 }],
  ])('follows %j and changes in nothing else', (env, changed) => {
    expect(policyWith(env)).toEqual({ ...DEFAULT_POLICY, ...changed });
  });
});

describe('the thread that logs in', () => {
  it('is told of and counted where alerts look when it cannot be started, and nothing is begun without it', async () => {
    const log = captureLog('error');
    const ports = new Map<string, unknown>();
    const app = await createApp({
      config: configWith({ PORT: '0', DATABASE_PATH: ':memory:', SECRETS_KEY: '0'.repeat(64) }),
      logger: log.logger,
      version: '0',
      clock: systemClock,
      guard: (name, port) => {
        ports.set(name, port);
        return port;
      },
    });
    const shell = ports.get('shell') as RemoteShell;
    // From the sources there is no program beside the one that this is a part of.
    const proof = await shell.prove({ host: '127.0.0.1', port: 9, user: 'root', publicKey: '' });
    expect(proof).toEqual({ kind: 'unreachable', phase: 'connect' });
    expect(log.lines()).toMatchObject([{ msg: 'loop failed', loop: 'logins' }]);
    const { body } = await app.server.inject('/metrics');
    expect(body).toContain('gpu_loop_failures_total{loop="logins"} 1');
    await expect(app.start()).rejects.toThrow('The thread that logs in does not start.');
    await app.stop();
  });
});
