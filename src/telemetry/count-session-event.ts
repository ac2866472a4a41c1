import type { SessionEvent } from '../domain/events.ts';
import { isTerminalStatus } from '../domain/session.ts';
import type { ProvisioningTimes } from './provisioning-times.ts';
import type { SessionMetrics } from './session-metrics.ts';

const MS_PER_SECOND = 1_000;

export interface SessionCounters {
  readonly metrics: SessionMetrics;
  readonly provisioning: ProvisioningTimes;
}

/** What an event of a session adds to the metrics. */
export function countSessionEvent(counters: SessionCounters, event: SessionEvent): void {
  const { metrics } = counters;
  switch (event.kind) {
    case 'session_created':
      metrics.sessionsCreated.inc({ provider: event.provider });
      counters.provisioning.begin(event.sessionId, event.at);
      break;
    case 'session_status_changed':
      countStatus(counters, event);
      break;
    case 'launch_accepted':
    case 'launch_refused':
    case 'launch_unknown':
    case 'instance_adopted':
    case 'launch_never_happened':
      countLaunch(metrics, event);
      break;
    case 'login_proven':
      metrics.verifySeconds.observe(event.durationMs / MS_PER_SECOND);
      break;
    case 'machine_seen':
      countMismatches(metrics, event);
      break;
    case 'service_proven':
      metrics.serviceSeconds.observe(event.durationMs / MS_PER_SECOND);
      break;
    case 'attempt_failed':
      countAttemptFailure(metrics, event);
      break;
    case 'terminate_failed':
      metrics.destroyFailures.inc();
      break;
    case 'stop_failed':
      metrics.stopFailures.inc();
      break;
    case 'instance_gone':
      countLeak(metrics, event);
      break;
    case 'login_lost':
    case 'login_restored':
    case 'host_key_changed':
      metrics.loginChanges.inc({ provider: event.provider, change: LOGIN_CHANGE[event.kind] });
      break;
    case 'session_interrupted':
      metrics.interruptions.inc({ provider: event.provider, code: event.code });
      break;
    case 'session_extended':
    case 'attempt_intended':
    case 'launch_started':
    case 'access_granted':
    case 'instance_located':
    case 'idle_warned':
    case 'idle_warning_cleared':
    case 'service_located':
    case 'terminate_asked':
    case 'stop_asked':
    case 'disk_preserved':
    case 'disk_discarded':
    case 'session_resumed':
    case 'machine_started':
      break;
  }
}

type EventOf<Kind extends SessionEvent['kind']> = Extract<SessionEvent, { readonly kind: Kind }>;

const LOGIN_CHANGE = {
  login_lost: 'lost',
  login_restored: 'restored',
  host_key_changed: 'host_key_changed',
} as const;

const LAUNCH_OUTCOME = {
  launch_accepted: 'accepted',
  launch_refused: 'refused',
  launch_unknown: 'unknown',
  instance_adopted: 'adopted',
  launch_never_happened: 'never_happened',
} as const;

function countLaunch(metrics: SessionMetrics, event: EventOf<keyof typeof LAUNCH_OUTCOME>): void {
  const { kind, provider, api } = event;
  metrics.launches.inc({ provider, api, outcome: LAUNCH_OUTCOME[kind] });
}

function countStatus(
  { metrics, provisioning }: SessionCounters,
  event: EventOf<'session_status_changed'>,
): void {
  const { provider, to } = event;
  if (to === 'running') {
    const tookMs = provisioning.end(event.sessionId, event.at);
    if (tookMs !== undefined)
      metrics.provisioningSeconds.observe({ provider }, tookMs / MS_PER_SECOND);
  }
  if (!isTerminalStatus(to)) return;
  provisioning.end(event.sessionId, event.at);
  metrics.sessionsEnded.inc({ provider, status: to, reason: event.reason ?? 'none' });
}

function countAttemptFailure(metrics: SessionMetrics, event: EventOf<'attempt_failed'>): void {
  const { provider, api, code } = event;
  metrics.attemptFailures.inc({ provider, api, code });
  if (code === 'never_ready') metrics.verifyFailures.inc();
}

function countMismatches(metrics: SessionMetrics, event: EventOf<'machine_seen'>): void {
  const { provider, mismatches } = event;
  for (const kind of mismatches) metrics.mismatches.inc({ provider, kind });
}

function countLeak(metrics: SessionMetrics, event: EventOf<'instance_gone'>): void {
  const { provider, leakedMs } = event;
  metrics.leakedSeconds.inc({ provider }, Math.max(0, leakedMs) / MS_PER_SECOND);
}
