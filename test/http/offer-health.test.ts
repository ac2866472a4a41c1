import { expect, test } from 'vitest';
import type { HealthQuery, HeldAgainst } from '../../src/inventory/offer-health.ts';
import { problemsOf, world } from './http-world.ts';

const AT = Date.UTC(2026, 0, 29, 12);
const MACHINE: HeldAgainst = {
  level: 'machine',
  key: 'vastai-machine-1',
  provider: 'vastai',
  gpuType: 'RTX 4090',
  confidence: 0.12,
  prior: 0.59,
  failures: 2,
  successes: 0,
  lastFailure: { code: 'never_ready', at: AT },
  heldUntil: AT + 3_600_000,
  forgottenAt: AT + 7_200_000,
};
const MODEL: HeldAgainst = {
  level: 'model',
  key: 'tensordock-site-1 RTX 4090',
  provider: 'tensordock',
  confidence: 0.2,
  prior: 0.3,
  failures: 1,
  successes: 3,
  lastFailure: { code: 'no_capacity', at: AT },
  forgottenAt: AT + 3_600_000,
};

function setUp(rows: readonly HeldAgainst[]) {
  const asked: HealthQuery[] = [];
  const offerHealth = {
    page: (query: HealthQuery) => {
      asked.push(query);
      return { rows, total: rows.length + 5 };
    },
  };
  return { asked, ...world({ offerHealth }) };
}

test.each(['/offer-health', '/api/v1/offer-health'])('GET %s tells what is held', async (url) => {
  const { inject } = setUp([MACHINE, MODEL]);
  const answer = await inject({ method: 'GET', url });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toStrictEqual({
    places: [
      {
        level: 'machine',
        id: 'vastai-machine-1',
        provider: 'vastai',
        gpu_type: 'RTX 4090',
        availability_confidence: 0.12,
        prior: 0.59,
        failures: 2,
        successes: 0,
        last_error_type: 'never_ready',
        last_failed_at: '2026-01-29T12:00:00Z',
        held_until: '2026-01-29T13:00:00Z',
        forgotten_at: '2026-01-29T14:00:00Z',
      },
      {
        level: 'gpu_at_site',
        id: 'tensordock-site-1',
        provider: 'tensordock',
        availability_confidence: 0.2,
        prior: 0.3,
        failures: 1,
        successes: 3,
        last_error_type: 'stale_inventory',
        last_failed_at: '2026-01-29T12:00:00Z',
        forgotten_at: '2026-01-29T13:00:00Z',
      },
    ],
    count: 2,
    total: 7,
  });
});

test('its filters are handed on, and its pages bounded', async () => {
  const { inject, asked } = setUp([]);
  await inject({ method: 'GET', url: '/offer-health' });
  const url = '/offer-health?offer_id=vastai-1&provider=vastai&limit=5&offset=10';
  await inject({ method: 'GET', url });
  expect(asked).toStrictEqual([
    { limit: 100, offset: 0 },
    { offerId: 'vastai-1', provider: 'vastai', limit: 5, offset: 10 },
  ]);
});

test('what it does not know is refused', async () => {
  const { inject } = setUp([]);
  const answer = await inject({
    method: 'GET',
    url: '/offer-health?provider=nobody&limit=0&machine=1&offer_id=',
  });
  expect(answer.statusCode).toBe(400);
  expect(problemsOf(answer)).toHaveLength(4);
});
