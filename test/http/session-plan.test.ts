import { describe, expect, test } from 'vitest';
import { LEAST_BODY, problemsOf, world } from './http-world.ts';

const BODY = {
  consumer_id: 'my-application',
  requirements: { gpu_type: 'RTX 4090' },
  workload_type: 'llm',
  reservation_hours: 2,
};

function plan(body: object, query = '') {
  const here = world();
  const answered = here.inject({ method: 'POST', url: `/sessions/plan${query}`, payload: body });
  return answered.then((answer) => ({ answer, planned: here.planned, created: here.created }));
}

describe('POST /sessions/plan', () => {
  test('answers what would be rented, and asks nobody to rent it', async () => {
    const { answer, planned, created } = await plan(BODY);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toStrictEqual({
      candidates: [
        {
          offer_id: 'vastai-12345',
          provider: 'vastai',
          gpu_type: 'RTX 4090',
          gpu_count: 1,
          vram_gb: 24,
          location: expect.any(String),
          price_per_hour: 0.4,
          reliability: expect.any(Number),
          availability_confidence: expect.any(Number),
          expected_cost: 0.85,
          cost_parts: { rent: 0.8, start: 0.02, failures: 0.03 },
          reasons: ['the least expected cost of a session that works'],
        },
      ],
      count: 1,
      total: 2,
      ranked_by: 'expected_cost',
      disk_gb: 50,
      max_attempts: 20,
      search_timeout_minutes: 120,
      budget: {
        verdict: 'partly',
        shortfalls: [{ provider: 'beta', offers: 1, needed_usd: 9, balance_usd: 0.000001 }],
      },
    });
    expect([planned.length, created.length]).toStrictEqual([1, 0]);
  });

  test('takes the body of a new session, and how many to show', async () => {
    const { planned } = await plan({ ...BODY, search_timeout_minutes: 30 }, '?limit=3');
    expect(planned).toMatchObject([
      { limit: 3, wish: { searchTimeoutMs: 1_800_000, choice: { prefer: 'expected_cost' } } },
    ]);
    expect((await plan(BODY)).planned).toMatchObject([{ limit: 10 }]);
  });

  test('refuses what a new session is refused for, every problem at once', async () => {
    const { answer } = await plan({
      ...LEAST_BODY,
      reservation_hours: 0,
      search_timeout_minutes: 5,
    });
    expect(answer.statusCode).toBe(400);
    const problems = problemsOf(answer).map((problem) => problem.split(':')[0]);
    expect(problems).toStrictEqual(['reservation_hours', 'search_timeout_minutes']);
  });

  test.each(['?limit=0', '?limit=101', '?limt=5'])('refuses %s', async (query) => {
    expect((await plan(BODY, query)).answer.statusCode).toBe(400);
  });

  test('is no way to ask for a session', async () => {
    const answer = await world().inject({ method: 'GET', url: '/sessions/plan' });
    expect(answer.statusCode).toBe(404);
  });
});
