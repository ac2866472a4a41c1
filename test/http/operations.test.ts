import { describe, expect, it } from 'vitest';
import type { AccountHealth } from '../../src/costs/accounts.ts';
import { INCIDENT_KINDS, type Incident } from '../../src/domain/incident.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import type { MenuHealth } from '../../src/inventory/menu.ts';
import { NOW, world } from './http-world.ts';

describe('GET /health', () => {
  it('says that all is well', async () => {
    const answer = await world().inject('/health');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      status: 'ok',
      timestamp: '2026-01-29T12:00:00Z',
      services: { lifecycle: 'running', inventory: 'ok', ready: 'true' },
      providers: { vastai: { status: 'ok', last_success_at: '2026-01-29T12:00:00Z', offers: 1 } },
      incidents: [],
    });
  });

  it.each(['starting', 'stopping'] as const)('is 503 while %s', async (startAt) => {
    const answer = await world({ startAt }).inject('/health');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: 'unavailable',
      services: { lifecycle: 'stopped', inventory: 'ok', ready: 'false' },
    });
  });

  it("is not 503 for a provider's outage, and tells of two APIs of one marketplace as one", async () => {
    const health: MenuHealth = {
      status: 'degraded',
      providers: [
        { name: 'vastai', api: 'vastai', status: 'down', offers: 0, error: 'unavailable' },
        { name: 'tensordock', api: 'v2', status: 'ok', lastSuccessAt: NOW, offers: 5 },
        { name: 'tensordock', api: 'v0', status: 'stale', lastSuccessAt: NOW - 60_000, offers: 3 },
      ],
    };
    const answer = await world({ health }).inject('/health');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      status: 'ok',
      services: { inventory: 'degraded' },
      providers: {
        vastai: { status: 'down', offers: 0, error: 'unavailable' },
        tensordock: { status: 'stale', offers: 8, last_success_at: '2026-01-29T12:00:00Z' },
      },
    });
  });
});

describe('incidents in GET /health', () => {
  const place = { provider: 'vastai', api: 'vastai' };
  const since = NOW - HOUR_MS;
  /** One of each, typed so that a new kind has to be added. */
  const INCIDENTS: {
    readonly [Kind in Incident['facts']['kind']]: {
      readonly incident: Incident & { readonly facts: { readonly kind: Kind } };
      readonly says: RegExp;
    };
  } = {
    mass_absence: {
      incident: { facts: { kind: 'mass_absence', missing: 8, expected: 9 }, place, since },
      says: /leaves out 8 of the 9 instances/,
    },
    orphans_held: {
      incident: { facts: { kind: 'orphans_held', count: 12 }, place, since },
      says: /12 of them\. See GET \/orphans\?state=held\./,
    },
    list_failing: {
      incident: { facts: { kind: 'list_failing', failure: 'unauthorized' }, place, since },
      says: /lists in a row failed \(unauthorized\)/,
    },
    api_not_configured: {
      incident: { facts: { kind: 'api_not_configured', instances: 2 }, place, since },
      says: /not configured, and 2 of our instances/,
    },
    store_failing: {
      incident: { facts: { kind: 'store_failing' }, place: undefined, since },
      says: /database takes no writes/,
    },
  };

  it.each(INCIDENT_KINDS)('tell of %s in a sentence, and are no reason for a 503', async (kind) => {
    const { incident, says } = INCIDENTS[kind];
    const answer = await world({ incidents: () => [incident] }).inject('/health');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'ok', services: { ready: 'true' } });
    expect(answer.json<{ incidents: unknown }>().incidents).toEqual([
      {
        kind,
        ...(incident.place && { provider: 'vastai', api: 'vastai' }),
        since: '2026-01-29T11:00:00Z',
        message: expect.stringMatching(says),
      },
    ]);
  });

  it('are all told, in their order, also while the broker starts', async () => {
    const incidents = INCIDENT_KINDS.map((kind) => INCIDENTS[kind].incident);
    const { inject } = world({ incidents: () => incidents, startAt: 'starting' });
    const answer = await inject('/api/v1/health');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ incidents: INCIDENT_KINDS.map((kind) => ({ kind })) });
  });
});

describe('the accounts in GET /health', () => {
  const at = NOW - 60_000;
  const of = async (account: Omit<AccountHealth, 'provider'>) => {
    const accounts = () => [{ provider: 'vastai', ...account }];
    const { vastai } = (await world({ accounts }).inject('/health')).json().providers;
    return vastai;
  };

  it('stand with their providers, rounded to a tenth of an hour', async () => {
    const known = { balance: { amount: 41_270_000, at }, burnPerHour: 1_640_000 };
    expect(await of({ ...known, lastsForMs: 25.16 * HOUR_MS })).toMatchObject({
      status: 'ok',
      balance_usd: 41.27,
      balance_at: '2026-01-29T11:59:00Z',
      burn_usd_per_hour: 1.64,
      hours_left: 25.2,
    });
  });

  it('say nothing of what is unknown', async () => {
    expect(await of({ burnPerHour: 0 })).toMatchObject({ burn_usd_per_hour: 0 });
    const unknown = await of({});
    for (const field of ['balance_usd', 'balance_at', 'burn_usd_per_hour', 'hours_left']) {
      expect(unknown).not.toHaveProperty(field);
    }
  });
});

describe('GET /ready', () => {
  it.each([
    ['running', 200, true],
    ['starting', 503, false],
    ['stopping', 503, false],
  ] as const)('while %s is %i', async (startAt, status, ready) => {
    const answer = await world({ startAt }).inject('/ready');
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ ready, timestamp: '2026-01-29T12:00:00Z' });
  });
});

it('serves the metrics in Prometheus text form', async () => {
  const answer = await world().inject('/metrics');
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(answer.body).toBe('# HELP gpu_sessions_active Sessions.\n');
});

it('says at the root what it is and where to go on', async () => {
  expect((await world().inject('/')).json()).toMatchObject({
    name: 'gpu-broker',
    version: '0.1.0',
    links: { offers: '/offers', sessions: '/sessions', orphans: '/orphans' },
  });
});
