import { beforeEach, describe, expect, test } from 'vitest';
import type { BrokerEvent } from '../../src/domain/events.ts';
import type { Recorder } from '../../src/ports/recorder.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';
import { createRecorder } from '../../src/telemetry/recorder.ts';
import { START } from '../support/builders.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type CapturedLog, captureLog } from './captured-log.ts';
import { EVENTS, NOTES } from './facts.ts';

let log: CapturedLog;
let metrics: Metrics;
let recorder: Recorder;
beforeEach(() => {
  log = captureLog();
  metrics = createMetrics({ clock: manualClock() });
  recorder = createRecorder(log.logger, metrics);
});

/** The page's samples that begin with this name. */
async function samples(name: string): Promise<string[]> {
  const page = await metrics.renderMetrics();
  return page.split('\n').filter((line) => line.startsWith(name));
}

describe('every event', () => {
  test.each(Object.values(EVENTS))('$kind is one line with its name, time and fields', (event) => {
    recorder.event(event);
    expect(log.lines()).toHaveLength(1);
    expect(log.lines()[0]).toMatchObject({
      event: event.kind,
      at: expect.stringMatching(/^2026-01-29T12:0\d:\d\dZ$/),
      level: expect.stringMatching(/^(info|warn|error)$/),
      msg: expect.stringMatching(/^[a-z -]+$/),
      ...('sessionId' in event ? { session_id: event.sessionId } : { provider: 'alpha' }),
    });
  });

  test('has a phrase of its own', () => {
    for (const event of Object.values(EVENTS)) recorder.event(event);
    const phrases = log.lines().map((line) => line['msg']);
    expect(new Set(phrases).size).toBe(phrases.length);
  });
});

describe('the request that something is done for', () => {
  const asked = NOTES.session_asked;
  const ids = { request_id: 'req-1', trace_id: asked.origin.trace?.traceId };

  test('stands on every later line of the session that it asked something of', () => {
    recorder.event(EVENTS.session_created);
    recorder.note(asked);
    recorder.event(EVENTS.launch_started);
    recorder.note({ ...NOTES.provider_call, sessionId: asked.sessionId, attempt: 1 });
    recorder.note(NOTES.login_tried);
    const [before, told, ...later] = log.lines();
    expect(before).not.toHaveProperty('request_id');
    for (const line of [told, ...later])
      expect(line).toMatchObject({ session_id: asked.sessionId, ...ids });
    expect(later).toHaveLength(3);
  });

  test('is another one as soon as another one asks', () => {
    recorder.note(asked);
    recorder.note({ ...asked, origin: { requestId: 'req-2' } });
    recorder.event(EVENTS.stop_asked);
    expect(log.lines().at(-1)).toMatchObject({ request_id: 'req-2' });
    expect(log.lines().at(-1)).not.toHaveProperty('trace_id');
  });

  test('is the one in whose course it happens, where that is told', () => {
    recorder.note(asked);
    recorder.event(EVENTS.idle_warning_cleared, { requestId: 'the-heartbeat' });
    recorder.event(EVENTS.idle_warned);
    recorder.event(EVENTS.orphan_ignored, { requestId: 'a-person' });
    const requests = log.lines().map((line) => line['request_id']);
    expect(requests).toEqual(['req-1', 'the-heartbeat', 'req-1', 'a-person']);
  });

  test('is nobody for another session and for the broker itself', () => {
    recorder.note(asked);
    recorder.note({ ...NOTES.login_tried, sessionId: 'sess-another00000000' });
    recorder.note(NOTES.loop_failed);
    for (const line of log.lines().slice(1)) expect(line).not.toHaveProperty('request_id');
  });
});

test('an orphan is told of with the session that its tag names', () => {
  recorder.event(EVENTS.orphan_detected);
  expect(log.lines()[0]).toMatchObject({ session_id: 'sess-0000000000000001' });
});

test('a fact is handed on to whoever makes spans of it', () => {
  const told: unknown[] = [];
  const spans = {
    event: (fact: unknown) => told.push(fact),
    note: (fact: unknown) => told.push(fact),
  };
  const recording = createRecorder(log.logger, metrics, spans);
  recording.event(EVENTS.login_proven);
  recording.note(NOTES.act_begun);
  expect(told).toEqual([EVENTS.login_proven, NOTES.act_begun]);
});

test('a line that nobody reads is not made up, and its fact counts all the same', async () => {
  const quiet = captureLog('warn');
  const recording = createRecorder(quiet.logger, metrics);
  recording.note(NOTES.provider_call);
  expect(quiet.lines()).toEqual([]);
  expect(await samples('gpu_provider_call_duration_seconds_count')).toHaveLength(1);
});

test('money and instants stand in a line as the API tells them', () => {
  recorder.event(EVENTS.session_status_changed);
  recorder.event(EVENTS.session_extended);
  expect(log.lines()[0]).toMatchObject({ cost_usd: 1.25, from: 'provisioning', to: 'running' });
  expect(log.lines()[0]).not.toHaveProperty('cost');
  expect(log.lines()[1]).toMatchObject({ expires_at: '2026-01-29T12:00:00Z' });
});

test.each([
  ['incident_raised', 'error'],
  ['incident_cleared', 'info'],
  ['orphan_held', 'error'],
  ['orphan_ignored', 'warn'],
  ['orphan_end_confirmed', 'warn'],
  ['orphan_cleared', 'info'],
] as const)('%s is of level %s', (kind, level) => {
  recorder.event(EVENTS[kind]);
  expect(log.lines()).toMatchObject([{ event: kind, level }]);
});

test('an incident stands in a line with its kind and its figures', () => {
  recorder.event(EVENTS.incident_raised);
  recorder.event(EVENTS.incident_cleared);
  const figures = { incident: 'mass_absence', missing: 8, expected: 9, provider: 'alpha' };
  expect(log.lines()).toMatchObject([
    { event: 'incident_raised', ...figures, api: 'alpha-v1' },
    { event: 'incident_cleared', ...figures, lasted_ms: 61_500 },
  ]);
});

test('a held orphan stands in a line with the reason and where it is', () => {
  recorder.event(EVENTS.orphan_held);
  expect(log.lines()).toMatchObject([
    { reason: 'over_limit', provider_instance_id: '9', tag: expect.stringMatching(/^gpub-/) },
  ]);
});

test('a provider call is for debugging when it went well and a warning when it failed', () => {
  recorder.note(NOTES.provider_call);
  recorder.note({ ...NOTES.provider_call, failure: 'unavailable', detail: 'HTTP 502' });
  expect(log.lines().map((line) => line['level'])).toEqual(['debug', 'warn']);
  expect(log.lines()[1]).toMatchObject({
    operation: 'launch',
    failure: 'unavailable',
    detail: 'HTTP 502',
  });
});

test.each([NOTES.step_failed, NOTES.loop_failed])('$kind is an error with its stack', (note) => {
  recorder.note(note);
  expect(log.lines()[0]).toMatchObject({
    level: 'error',
    event: note.kind,
    err: { type: 'Error', message: 'boom', stack: expect.stringContaining('boom') },
  });
});

describe('metrics', () => {
  const counted: readonly [keyof typeof EVENTS, string][] = [
    ['session_created', 'gpu_sessions_created_total{provider="alpha"} 1'],
    ['launch_accepted', 'gpu_launches_total{provider="alpha",api="alpha-v1",outcome="accepted"} 1'],
    ['launch_refused', 'gpu_launches_total{provider="alpha",api="alpha-v1",outcome="refused"} 1'],
    ['launch_unknown', 'gpu_launches_total{provider="alpha",api="alpha-v1",outcome="unknown"} 1'],
    ['instance_adopted', 'gpu_launches_total{provider="alpha",api="alpha-v1",outcome="adopted"} 1'],
    ['login_proven', 'gpu_ssh_verify_duration_seconds_sum 42'],
    ['attempt_failed', 'gpu_ssh_verify_failures_total 1'],
    [
      'attempt_failed',
      'gpu_attempt_failures_total{provider="alpha",api="alpha-v1",code="never_ready"} 1',
    ],
    ['machine_seen', 'gpu_machine_mismatches_total{provider="alpha",kind="driver"} 1'],
    ['terminate_failed', 'gpu_destroy_failures_total 1'],
    ['stop_failed', 'gpu_stop_failures_total 1'],
    ['instance_gone', 'gpu_leaked_instance_seconds_total{provider="alpha"} 5.5'],
    ['orphan_detected', 'gpu_orphans_detected_total 1'],
    ['orphan_gone', 'gpu_orphans_gone_total 1'],
    [
      'incident_raised',
      'gpu_incidents_total{provider="alpha",api="alpha-v1",kind="mass_absence"} 1',
    ],
  ];
  test.each(counted)('of %s: %s', async (kind, sample) => {
    recorder.event(EVENTS[kind]);
    expect(await samples(sample)).toHaveLength(1);
  });

  test('an incident of the broker itself has no place, and one that is over is not counted again', async () => {
    const { at } = EVENTS.incident_raised;
    const incident = { kind: 'store_failing' } as const;
    recorder.event({ kind: 'incident_raised', at, incident });
    recorder.event({ kind: 'incident_cleared', at, incident, lastedMs: 1 });
    expect(await samples('gpu_incidents_total')).toEqual([
      'gpu_incidents_total{provider="",api="",kind="store_failing"} 1',
    ]);
  });

  test('a failed provider call counts as an error of its operation, a good one does not', async () => {
    recorder.note(NOTES.provider_call);
    expect(await samples('gpu_provider_api_errors_total{')).toEqual([]);
    recorder.note({ ...NOTES.provider_call, failure: 'rate_limited' });
    expect(await samples('gpu_provider_api_errors_total{')).toEqual([
      'gpu_provider_api_errors_total{provider="alpha",operation="launch"} 1',
    ]);
    expect(await samples('gpu_provider_call_duration_seconds_sum')).toEqual([
      'gpu_provider_call_duration_seconds_sum{provider="alpha",api="alpha-v1",operation="launch"} 3',
    ]);
  });

  test('an attempt that failed for another reason is no failure to log in', async () => {
    recorder.event({ ...EVENTS.attempt_failed, code: 'instance_lost' });
    expect(await samples('gpu_ssh_verify_failures_total')).toEqual([
      'gpu_ssh_verify_failures_total 0',
    ]);
  });

  test('provisioning is timed from the creation to the first time that it runs', async () => {
    const running = EVENTS.session_status_changed;
    recorder.event(EVENTS.session_created);
    recorder.event(running);
    recorder.event({ ...running, at: START + 900_000 });
    expect(await samples('gpu_provisioning_duration_seconds_sum')).toEqual([
      'gpu_provisioning_duration_seconds_sum{provider="alpha"} 90',
    ]);
    expect(await samples('gpu_provisioning_duration_seconds_count')).toEqual([
      'gpu_provisioning_duration_seconds_count{provider="alpha"} 1',
    ]);
  });

  test('an end is counted by status and reason', async () => {
    const ended: BrokerEvent = { ...EVENTS.session_status_changed, to: 'stopped', reason: 'done' };
    recorder.event(ended);
    expect(await samples('gpu_sessions_ended_total{')).toEqual([
      'gpu_sessions_ended_total{provider="alpha",status="stopped",reason="done"} 1',
    ]);
  });
});

test('no metric has a label whose value is an id', async () => {
  for (const event of Object.values(EVENTS)) recorder.event(event);
  for (const note of Object.values(NOTES)) recorder.note(note);
  const page = await metrics.renderMetrics();
  expect(page).not.toMatch(/sess-|gpub-|consumer-1/);
});
