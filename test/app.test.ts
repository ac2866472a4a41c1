import { describe, expect, it } from 'vitest';
import { policyOf } from '../src/app.ts';
import { parseConfig } from '../src/config.ts';
import { DEFAULT_POLICY, type Policy } from '../src/domain/policy.ts';

function policyWith(env: Record<string, string>): Policy {
  const result = parseConfig({ VASTAI_API_KEY: 'key', ...env }, () => '');
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return policyOf(result.config);
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
