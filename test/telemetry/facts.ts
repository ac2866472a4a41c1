import type { BrokerEvent } from '../../src/domain/events.ts';
import type { Note } from '../../src/ports/recorder.ts';
import type { Observed } from '../../src/telemetry/metrics.ts';
import { START, sessionId } from '../support/builders.ts';

const where = { provider: 'alpha', api: 'alpha-v1' };
const attempt = {
  ...where,
  at: START,
  sessionId: sessionId(),
  attempt: 1,
  tag: 'gpub-test01-0000000000000001-1',
};
const orphan = { ...where, at: START, tag: attempt.tag, providerInstanceId: '9' };

const TRACE = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isSampled: true,
};

const MASS_ABSENCE = { kind: 'mass_absence', missing: 8, expected: 9 } as const;

/** One of each, typed so that a new kind has to be added. */
export const EVENTS: {
  readonly [Kind in BrokerEvent['kind']]: BrokerEvent & { readonly kind: Kind };
} = {
  session_created: {
    kind: 'session_created',
    at: START,
    sessionId: sessionId(),
    provider: 'alpha',
    consumerId: 'consumer-1',
  },
  session_status_changed: {
    kind: 'session_status_changed',
    at: START + 90_000,
    sessionId: sessionId(),
    provider: 'alpha',
    from: 'provisioning',
    to: 'running',
    cost: 1_250_000,
  },
  session_extended: {
    kind: 'session_extended',
    at: START,
    sessionId: sessionId(),
    expiresAt: START,
  },
  attempt_intended: { ...attempt, kind: 'attempt_intended', offerId: 'alpha-1' },
  launch_started: { ...attempt, kind: 'launch_started' },
  launch_accepted: {
    ...attempt,
    kind: 'launch_accepted',
    providerInstanceId: '9',
    durationMs: 900,
  },
  launch_refused: { ...attempt, kind: 'launch_refused', failure: 'no_capacity', detail: 'taken' },
  launch_unknown: { ...attempt, kind: 'launch_unknown', detail: 'timed out' },
  instance_adopted: { ...attempt, kind: 'instance_adopted', providerInstanceId: '9' },
  launch_never_happened: { ...attempt, kind: 'launch_never_happened' },
  access_granted: { ...attempt, kind: 'access_granted' },
  instance_located: { ...attempt, kind: 'instance_located' },
  login_proven: { ...attempt, kind: 'login_proven', hostKey: 'SHA256:abc', durationMs: 42_000 },
  machine_seen: { ...attempt, kind: 'machine_seen', mismatches: ['driver'] },
  login_lost: { ...attempt, kind: 'login_lost' },
  login_restored: { ...attempt, kind: 'login_restored' },
  host_key_changed: {
    ...attempt,
    kind: 'host_key_changed',
    pinned: 'SHA256:abc',
    found: 'SHA256:def',
  },
  session_interrupted: { ...attempt, kind: 'session_interrupted', code: 'outbid' },
  idle_warned: { at: START, sessionId: sessionId(), kind: 'idle_warned', idleSince: 1, endsAt: 2 },
  idle_warning_cleared: { at: START, sessionId: sessionId(), kind: 'idle_warning_cleared' },
  service_located: { ...attempt, kind: 'service_located' },
  service_proven: { ...attempt, kind: 'service_proven', httpStatus: 200, durationMs: 95_000 },
  attempt_failed: { ...attempt, kind: 'attempt_failed', code: 'never_ready' },
  stop_asked: { ...attempt, kind: 'stop_asked' },
  stop_failed: { ...attempt, kind: 'stop_failed', failure: 'unavailable' },
  disk_preserved: { ...attempt, kind: 'disk_preserved' },
  disk_discarded: {
    kind: 'disk_discarded',
    at: START,
    sessionId: sessionId(),
    reason: 'max_age',
  },
  session_resumed: { ...attempt, kind: 'session_resumed' },
  machine_started: { ...attempt, kind: 'machine_started' },
  terminate_asked: { ...attempt, kind: 'terminate_asked', asked: 1 },
  terminate_failed: { ...attempt, kind: 'terminate_failed', failure: 'unavailable' },
  instance_gone: { ...attempt, kind: 'instance_gone', leakedMs: 5_500 },
  orphan_detected: { ...orphan, kind: 'orphan_detected' },
  orphan_terminate_asked: { ...orphan, kind: 'orphan_terminate_asked' },
  orphan_terminate_failed: {
    ...orphan,
    kind: 'orphan_terminate_failed',
    failure: 'unavailable',
  },
  orphan_gone: { ...orphan, kind: 'orphan_gone' },
  orphan_cleared: { ...orphan, kind: 'orphan_cleared' },
  orphan_held: { ...orphan, kind: 'orphan_held', reason: 'over_limit' },
  orphan_ignored: { ...orphan, kind: 'orphan_ignored' },
  orphan_end_confirmed: { ...orphan, kind: 'orphan_end_confirmed' },
  incident_raised: { ...where, at: START, kind: 'incident_raised', incident: MASS_ABSENCE },
  incident_cleared: {
    ...where,
    at: START,
    kind: 'incident_cleared',
    incident: MASS_ABSENCE,
    lastedMs: 61_500,
  },
};

export const NOTES: { readonly [Kind in Note['kind']]: Note & { readonly kind: Kind } } = {
  provider_call: {
    ...where,
    kind: 'provider_call',
    operation: 'launch',
    waitedMs: 700,
    durationMs: 1_500,
  },
  circuit_changed: { ...where, kind: 'circuit_changed', state: 'open' },
  keys_not_opened: { kind: 'keys_not_opened', sessions: 2, of: 3 },
  old_data_removed: { kind: 'old_data_removed', sessions: 3, events: 40 },
  rate_learnt: { ...where, kind: 'rate_learnt', gate: 'create', intervalMs: 9_300 },
  offers_refreshed: { ...where, kind: 'offers_refreshed', offers: 17, durationMs: 300 },
  session_asked: {
    kind: 'session_asked',
    sessionId: sessionId(),
    origin: { requestId: 'req-1', trace: TRACE },
  },
  act_begun: { kind: 'act_begun', sessionId: sessionId(), action: 'launch' },
  act_ended: {
    kind: 'act_ended',
    sessionId: sessionId(),
    action: 'launch',
    durationMs: 1_600,
  },
  login_tried: {
    kind: 'login_tried',
    sessionId: sessionId(),
    provider: 'alpha',
    outcome: 'auth_refused',
    durationMs: 80,
  },
  service_tried: {
    kind: 'service_tried',
    sessionId: sessionId(),
    provider: 'alpha',
    outcome: 'not_yet',
    durationMs: 30,
  },
  launch_judged: {
    ...where,
    kind: 'launch_judged',
    sessionId: sessionId(),
    outcome: 'ran',
    confidence: 0.83,
  },
  sweep_done: { ...where, kind: 'sweep_done', seen: 3, orphans: 1 },
  step_failed: { kind: 'step_failed', sessionId: sessionId(), error: new Error('boom') },
  loop_turned: { kind: 'loop_turned', loop: 'reconciler', nextInMs: 60_000 },
  loop_failed: { kind: 'loop_failed', loop: 'reconciler', error: new Error('boom') },
};

/** Something in every gauge. */
export const OBSERVED: Observed = {
  fleet: () =>
    Promise.resolve({
      sessions: [{ provider: 'alpha', status: 'running', count: 2 }],
      instances: [{ provider: 'alpha', state: 'launched', count: 2 }],
      orphans: [{ provider: 'alpha', state: 'held', count: 3 }],
      logins: [{ provider: 'alpha', status: 'lost', count: 1 }],
      gpus: [
        {
          sessionId: sessionId(),
          gpu: 0,
          utilizationPercent: 37,
          memoryUsedMb: 812,
          memoryTotalMb: 24_564,
          temperatureC: 61,
          powerW: 182,
        },
      ],
      spendUsdPerHour: 0.8,
      accruedUsd: 1.5,
    }),
  incidents: () => [{ facts: MASS_ABSENCE, place: where, since: START }],
  accounts: () => [
    {
      provider: 'alpha',
      balance: { amount: 41_270_000, at: START },
      burnPerHour: 1_640_000,
      lastsForMs: 90_000_000,
      accountBurnPerHour: 1_900_000,
      spending: { spent: 2_400_000, expected: 2_100_000 },
    },
  ],
  reconciled: () => [
    { provider: 'alpha', billed: 31_120_000, traffic: 840_000, estimated: 30_270_000, asOf: START },
  ],
  prices: () => [{ gpuType: 'RTX 4090', offers: 12, leastPerGpuHour: 310_000 }],
  dataFolder: '.',
};
