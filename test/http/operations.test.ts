import { describe, expect, it } from 'vitest';
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
    links: { offers: '/offers', sessions: '/sessions' },
  });
});
