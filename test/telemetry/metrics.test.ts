import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Incident } from '../../src/domain/incident.ts';
import type { AccountFigures } from '../../src/telemetry/account-metrics.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createRecorder } from '../../src/telemetry/recorder.ts';
import { manualClock } from '../support/manual-clock.ts';
import { captureLog } from './captured-log.ts';
import { EVENTS, NOTES, OBSERVED } from './facts.ts';

const EMPTY = {
  sessions: [],
  instances: [],
  logins: [],
  orphans: [],
  gpus: [],
  spendUsdPerHour: 0,
  accruedUsd: 0,
};
const noIncidents = () => [];
const NO_MONEY = { accounts: () => [], reconciled: () => [], prices: () => [] };
const linesOf = (page: string, name: string) =>
  page.split('\n').filter((line) => line.startsWith(name));

test('GPUs are shown by session and number as long as the session runs', async () => {
  const metrics = createMetrics({ clock: manualClock() });
  const card = { utilizationPercent: 40, memoryUsedMb: 2, temperatureC: 61, powerW: 182 };
  const gpus = [0, 1].map((gpu) => ({
    ...{ ...card, sessionId: 'sess-1', gpu },
    memoryTotalMb: gpu === 0 ? 4 : undefined,
  }));
  const fleets = [{ ...EMPTY, gpus }];
  const fleet = () => Promise.resolve(fleets.shift() ?? EMPTY);
  metrics.observeWith({ fleet, incidents: noIncidents, dataFolder: '.', ...NO_MONEY });
  expect(linesOf(await metrics.renderMetrics(), 'gpu_session_gpu_').toSorted()).toEqual([
    'gpu_session_gpu_memory_bytes{session_id="sess-1",gpu="0"} 4194304',
    'gpu_session_gpu_memory_used_bytes{session_id="sess-1",gpu="0"} 2097152',
    'gpu_session_gpu_memory_used_bytes{session_id="sess-1",gpu="1"} 2097152',
    'gpu_session_gpu_power_watts{session_id="sess-1",gpu="0"} 182',
    'gpu_session_gpu_power_watts{session_id="sess-1",gpu="1"} 182',
    'gpu_session_gpu_temperature_celsius{session_id="sess-1",gpu="0"} 61',
    'gpu_session_gpu_temperature_celsius{session_id="sess-1",gpu="1"} 61',
    'gpu_session_gpu_utilization_ratio{session_id="sess-1",gpu="0"} 0.4',
    'gpu_session_gpu_utilization_ratio{session_id="sess-1",gpu="1"} 0.4',
  ]);
  expect(linesOf(await metrics.renderMetrics(), 'gpu_session_gpu_')).toEqual([]);
});

test('the page with everything on it passes the checker of Prometheus', async ({ skip }) => {
  const metrics = createMetrics({ clock: manualClock() });
  const recorder = createRecorder(captureLog().logger, metrics);
  for (const event of Object.values(EVENTS)) recorder.event(event);
  for (const note of Object.values(NOTES)) recorder.note(note);
  metrics.recordRequest({ method: 'GET', route: '/offers', status: 200, durationMs: 3 });
  metrics.observeWith(OBSERVED);
  const checked = spawnSync('promtool', ['check', 'metrics'], {
    input: await metrics.renderMetrics(),
    encoding: 'utf8',
  });
  skip(checked.error !== undefined, 'promtool is not installed');
  expect(`${checked.stdout}${checked.stderr}`).toBe('');
  expect(checked.status).toBe(0);
});

test.each([
  'gpu_sessions_active',
  'gpu_orphans_detected_total',
  'gpu_destroy_failures_total',
  'gpu_stop_failures_total',
  'gpu_ssh_verify_duration_seconds',
  'gpu_ssh_verify_failures_total',
  'gpu_provider_api_errors_total',
  'nodejs_eventloop_lag_seconds',
])('%s is there from the start', async (name) => {
  const page = await createMetrics({ clock: manualClock() }).renderMetrics();
  expect(page).toContain(`# TYPE ${name} `);
});

describe('the fleet', () => {
  test('is read anew for each page, and what went away goes from it', async () => {
    const metrics = createMetrics({ clock: manualClock() });
    const fleets = [
      {
        ...EMPTY,
        sessions: [{ provider: 'alpha', status: 'running', count: 3 } as const],
        orphans: [
          { provider: 'alpha', state: 'held', count: 11 } as const,
          { provider: 'alpha', state: 'ending', count: 1 } as const,
        ],
      },
      {
        ...EMPTY,
        sessions: [{ provider: 'beta', status: 'pending', count: 1 } as const],
        orphans: [{ provider: 'alpha', state: 'ignored', count: 11 } as const],
      },
    ];
    const fleet = () => Promise.resolve(fleets.shift() ?? EMPTY);
    metrics.observeWith({ fleet, incidents: noIncidents, ...NO_MONEY });
    const first = await metrics.renderMetrics();
    expect(linesOf(first, 'gpu_sessions_active{')).toEqual([
      'gpu_sessions_active{provider="alpha",status="running"} 3',
    ]);
    expect(linesOf(first, 'gpu_orphans{')).toEqual([
      'gpu_orphans{provider="alpha",state="held"} 11',
      'gpu_orphans{provider="alpha",state="ending"} 1',
    ]);
    const second = await metrics.renderMetrics();
    expect(linesOf(second, 'gpu_sessions_active{')).toEqual([
      'gpu_sessions_active{provider="beta",status="pending"} 1',
    ]);
    expect(linesOf(second, 'gpu_orphans{')).toEqual([
      'gpu_orphans{provider="alpha",state="ignored"} 11',
    ]);
    expect(linesOf(await metrics.renderMetrics(), 'gpu_orphans{')).toEqual([]);
  });

  test('that cannot be read is counted, and the page is served all the same', async () => {
    const metrics = createMetrics({ clock: manualClock() });
    const fleet = () => Promise.reject(new Error('disk full'));
    metrics.observeWith({ fleet, incidents: noIncidents, ...NO_MONEY });
    const page = await metrics.renderMetrics();
    expect(linesOf(page, 'gpu_fleet_read_failures_total')).toEqual([
      'gpu_fleet_read_failures_total 1',
    ]);
  });
});

describe('accounts', () => {
  const at = 1_000_000;

  test('are shown as far as they are known, with the age of what was read', async () => {
    const clock = manualClock({ startAt: at + 90_000 });
    const metrics = createMetrics({ clock });
    const known = {
      provider: 'alpha',
      balance: { amount: 12_500_000, at },
      burnPerHour: 2_500_000,
      lastsForMs: 18_000_000,
    };
    const fleet = () => Promise.resolve(EMPTY);
    let accounts: readonly AccountFigures[] = [known, { provider: 'beta', burnPerHour: 0 }];
    metrics.observeWith({
      fleet,
      incidents: noIncidents,
      ...NO_MONEY,
      accounts: () => accounts,
    });
    expect(linesOf(await metrics.renderMetrics(), 'gpu_account_')).toEqual([
      'gpu_account_balance_usd{provider="alpha"} 12.5',
      'gpu_account_balance_age_seconds{provider="alpha"} 90',
      'gpu_account_burn_usd_per_hour{provider="alpha"} 2.5',
      'gpu_account_burn_usd_per_hour{provider="beta"} 0',
      'gpu_account_left_seconds{provider="alpha"} 18000',
    ]);
    accounts = [];
    expect(linesOf(await metrics.renderMetrics(), 'gpu_account_')).toEqual([]);
  });

  test('that were charged are held against the ledger, traffic apart', async () => {
    const metrics = createMetrics({ clock: manualClock() });
    const charged = { provider: 'alpha', billed: 10_000_000, traffic: 400_000, asOf: at };
    metrics.observeWith({
      fleet: () => Promise.resolve(EMPTY),
      incidents: noIncidents,
      ...NO_MONEY,
      reconciled: () => [{ ...charged, estimated: 9_750_000 }],
    });
    expect(linesOf(await metrics.renderMetrics(), 'gpu_cost_')).toEqual([
      'gpu_cost_billed_usd{provider="alpha"} 10',
      'gpu_cost_traffic_usd{provider="alpha"} 0.4',
      'gpu_cost_drift_usd{provider="alpha"} -0.15',
    ]);
  });
});

describe('incidents that last', () => {
  const place = { provider: 'alpha', api: 'alpha-v1' };
  const failing = { kind: 'list_failing', failure: 'unavailable' } as const;
  const since = 0;

  test('are counted by place and kind, and go when they are over', async () => {
    const metrics = createMetrics({ clock: manualClock() });
    let incidents: readonly Incident[] = [
      { facts: failing, place, since },
      { facts: { kind: 'orphans_held', count: 12 }, place, since },
      { facts: failing, place: { ...place, api: 'alpha-v2' }, since },
    ];
    metrics.observeWith({
      fleet: () => Promise.resolve(EMPTY),
      incidents: () => incidents,
      ...NO_MONEY,
    });
    expect(linesOf(await metrics.renderMetrics(), 'gpu_incidents_active{')).toEqual([
      'gpu_incidents_active{provider="alpha",api="alpha-v1",kind="list_failing"} 1',
      'gpu_incidents_active{provider="alpha",api="alpha-v1",kind="orphans_held"} 1',
      'gpu_incidents_active{provider="alpha",api="alpha-v2",kind="list_failing"} 1',
    ]);
    incidents = [];
    expect(linesOf(await metrics.renderMetrics(), 'gpu_incidents_active{')).toEqual([]);
  });

  test('are shown when the database cannot be read, which is what one of them is about', async () => {
    const metrics = createMetrics({ clock: manualClock() });
    metrics.observeWith({
      fleet: () => Promise.reject(new Error('disk full')),
      incidents: () => [{ facts: { kind: 'store_failing' }, place: undefined, since }],
      ...NO_MONEY,
    });
    expect(linesOf(await metrics.renderMetrics(), 'gpu_incidents_active{')).toEqual([
      'gpu_incidents_active{provider="",api="",kind="store_failing"} 1',
    ]);
  });
});

test('the age of the offers grows until they are refreshed', async () => {
  const clock = manualClock();
  const metrics = createMetrics({ clock });
  const recorder = createRecorder(captureLog().logger, metrics);
  const age = async () => linesOf(await metrics.renderMetrics(), 'gpu_offers_age_seconds{')[0];
  recorder.note(NOTES.offers_refreshed);
  await clock.advance(90_000);
  expect(await age()).toBe('gpu_offers_age_seconds{provider="alpha",api="alpha-v1"} 90');
  recorder.note(NOTES.offers_refreshed);
  expect(await age()).toBe('gpu_offers_age_seconds{provider="alpha",api="alpha-v1"} 0');
});

test('requests are counted by route, method and status, and timed', async () => {
  const metrics = createMetrics({ clock: manualClock() });
  metrics.recordRequest({ method: 'GET', route: '/sessions/:id', status: 404, durationMs: 250 });
  const page = await metrics.renderMetrics();
  expect(page).toContain(
    'gpu_http_requests_total{method="GET",route="/sessions/:id",status="404"} 1',
  );
  expect(page).toContain(
    'gpu_http_request_duration_seconds_sum{method="GET",route="/sessions/:id"} 0.25',
  );
});

test('the buckets of the answers grow up to all answers, and a bound is in its bucket', async () => {
  const metrics = createMetrics({ clock: manualClock() });
  const request = { method: 'GET', route: '/health', status: 200 };
  for (const durationMs of [0, 1, 1.01, 5, 40_000])
    metrics.recordRequest({ ...request, durationMs });
  const page = await metrics.renderMetrics();
  const buckets = linesOf(page, 'gpu_http_request_duration_seconds_bucket{');
  const counts = buckets.map((line) => /le="([^"]+)".* (\d+)$/.exec(line)?.slice(1).join(': '));
  expect(counts).toStrictEqual([
    '0.001: 2',
    '0.0025: 3',
    '0.005: 4',
    ...['0.01', '0.025', '0.05', '0.1', '0.5', '1', '5', '30'].map((bound) => `${bound}: 4`),
    '+Inf: 5',
  ]);
  expect(page).toContain('gpu_http_request_duration_seconds_count{method="GET",route="/health"} 5');
});
