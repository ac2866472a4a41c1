import { describe, expect, it } from 'vitest';
import { LEAST_BODY, problemsOf, world } from './http-world.ts';

const TOO_MANY = ['body: must hold at most 5000 values'];

function post(payload: string) {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', url: '/sessions', headers, payload } as const;
}

describe('a JSON body', () => {
  it.each([
    ['in one list', `{"exposed_ports":[${'0,'.repeat(500_000)}0]}`],
    ['as fields', `{${Array.from({ length: 5001 }, (_, index) => `"k${index}":0`).join(',')}}`],
    ['inside each other', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['in many small lists', `[${'[1,2,3],'.repeat(2000)}[]]`],
  ])('is refused as a whole when it holds too many values %s', async (_where, text) => {
    const answer = await world().inject(post(text));
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual(TOO_MANY);
  });

  it('is judged value by value up to that number', async () => {
    const ports = Array.from({ length: 4000 }, (_, index) => index + 1);
    const answer = await world().inject(
      post(JSON.stringify({ ...LEAST_BODY, exposed_ports: ports })),
    );
    expect(problemsOf(answer)).toContain('exposed_ports: must have at most 16 entries');
  });
});
