import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../src/domain/errors.ts';
import { HOLD_REASONS, type Orphan, orphanIdOf } from '../../src/domain/orphan.ts';
import { errorOf, NOW, ORPHAN_ID, orphan, problemsOf, SESSION_ID, world } from './http-world.ts';

const UUID = '3f0c9a52-6a7e-4f7b-9a54-0c1f2f3e4d5c';
const HELD: Partial<Orphan> = { state: 'held', heldFor: 'over_limit' };

describe('GET /orphans', () => {
  it('gives a page and the number of all that match', async () => {
    const { inject, orphanQueries } = world();
    const answer = await inject('/orphans?state=held&provider=vastai&limit=1&offset=2');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ orphans: [{ id: ORPHAN_ID }], count: 1, total: 7 });
    expect(orphanQueries).toEqual([{ state: 'held', provider: 'vastai', limit: 1, offset: 2 }]);
  });

  it('defaults to the newest hundred of all', async () => {
    const { inject, orphanQueries } = world();
    await inject('/orphans');
    expect(orphanQueries).toEqual([{ limit: 100, offset: 0 }]);
  });

  it('gives them in the order of the service', async () => {
    const orphans = ['9', '7', '8'].map((id) => orphan({ id: orphanIdOf('vastai', id) }));
    const { inject } = world({ orphanAnswers: { page: async () => ({ orphans, total: 3 }) } });
    expect((await inject('/orphans')).json()).toMatchObject({
      orphans: [{ id: 'vastai-9' }, { id: 'vastai-7' }, { id: 'vastai-8' }],
      count: 3,
      total: 3,
    });
  });

  it('is an empty list when there are none', async () => {
    const { inject } = world({ orphanAnswers: { page: async () => ({ orphans: [], total: 0 }) } });
    expect((await inject('/orphans')).json()).toEqual({ orphans: [], count: 0, total: 0 });
  });

  it.each([
    ['state=lost', 'state: must be one of ending, held, ignored'],
    ['provider=elsewhere', 'provider: must be one of vastai, tensordock'],
    ['state=', 'state: must be one of ending, held, ignored'],
    ['limit=0', 'limit: must be at least 1'],
    ['limit=1001', 'limit: must be at most 1000'],
    ['offset=-1', 'offset: must be at least 0'],
    ['status=held', 'status: is not known; did you mean state?'],
  ])('refuses %s', async (query, problem) => {
    const { inject, orphanQueries } = world();
    const answer = await inject(`/orphans?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([problem]);
    expect(orphanQueries).toEqual([]);
  });
});

describe('GET /orphans/:id', () => {
  const shown = async (overrides: Partial<Orphan>): Promise<Record<string, unknown>> => {
    const storedOrphan = orphan(overrides);
    const answer = await world({ storedOrphan }).inject(`/orphans/${storedOrphan.id}`);
    expect(answer.statusCode).toBe(200);
    return answer.json();
  };

  it('shows everything that is known of it, and no more', async () => {
    const { inject } = world({
      storedOrphan: orphan({ ...HELD, createdAt: NOW - 7_200_000, pricePerHour: 450_000 }),
    });
    expect((await inject(`/orphans/${ORPHAN_ID}`)).json()).toEqual({
      id: ORPHAN_ID,
      provider: 'vastai',
      provider_instance_id: '777',
      tag: 'gpub-test-abcdefgh12345678-1',
      session_id: SESSION_ID,
      state: 'held',
      held_for: 'over_limit',
      message: expect.stringContaining('DESTROY_LIMIT_PER_SWEEP'),
      created_at: '2026-01-29T10:00:00Z',
      price_per_hour: 0.45,
      detected_at: '2026-01-29T11:00:00Z',
      decided_by: 'sweep',
      terminate_attempts: 3,
      decided_at: '2026-01-29T12:00:00Z',
    });
  });

  it('leaves out what is not known', async () => {
    const answer = await shown({ state: 'ending' });
    for (const name of ['held_for', 'created_at', 'price_per_hour']) {
      expect(answer).not.toHaveProperty(name);
    }
  });

  it.each([Number.MAX_SAFE_INTEGER, Date.UTC(12_000, 0, 1), -1])(
    'leaves out a time of creation that nobody can write down: %i',
    async (createdAt) => {
      expect(await shown({ createdAt })).not.toHaveProperty('created_at');
    },
  );

  it('says what it is held for, each in words of its own, and which two words are waited for', async () => {
    const messages = await Promise.all(
      HOLD_REASONS.map(async (heldFor) => {
        const answer = await shown({ state: 'held', heldFor });
        expect(answer).toMatchObject({ state: 'held', held_for: heldFor });
        return String(answer['message']);
      }),
    );
    expect(new Set(messages).size).toBe(HOLD_REASONS.length);
    for (const message of messages) {
      expect(message).toContain(`POST /orphans/${ORPHAN_ID}/terminate ends it`);
      expect(message).toContain(`POST /orphans/${ORPHAN_ID}/ignore leaves it alone`);
    }
  });

  it('names what the operator set or may have set wrong', async () => {
    const about = async (heldFor: Orphan['heldFor']) =>
      (await shown({ state: 'held', ...(heldFor && { heldFor }) }))['message'];
    expect(await about('dry_run')).toContain('SWEEP_DRY_RUN');
    expect(await about('over_limit')).toContain('DESTROY_LIMIT_PER_SWEEP');
    expect(await about('not_launched_here')).toContain('DEPLOYMENT_ID');
  });

  it('says of one that is being ended when to worry, and of an ignored one what it takes', async () => {
    expect((await shown({ state: 'ending' }))['message']).toContain('terminate_attempts');
    expect((await shown({ state: 'ignored' }))['message']).toContain(
      `POST /orphans/${ORPHAN_ID}/terminate ends it`,
    );
  });

  it('answers below /api/v1 too', async () => {
    expect((await world().inject(`/api/v1/orphans/${ORPHAN_ID}`)).json()).toMatchObject({
      id: ORPHAN_ID,
    });
    expect((await world().inject('/api/v1/orphans?state=held')).statusCode).toBe(200);
  });
});

describe('deciding', () => {
  it('takes the word that it is to end, and goes on by itself', async () => {
    const { inject, orphanWords } = world();
    const answer = await inject({ method: 'POST', url: `/orphans/${ORPHAN_ID}/terminate` });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({
      message: 'orphan termination initiated',
      orphan_id: ORPHAN_ID,
    });
    expect(orphanWords).toEqual([`terminate ${ORPHAN_ID}`]);
  });

  it('takes the word that it is to be left alone', async () => {
    const { inject, orphanWords } = world();
    const answer = await inject({ method: 'POST', url: `/api/v1/orphans/${ORPHAN_ID}/ignore` });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ message: 'orphan ignored', orphan_id: ORPHAN_ID });
    expect(orphanWords).toEqual([`ignore ${ORPHAN_ID}`]);
  });

  it.each(['terminate', 'ignore'] as const)(
    'tells what "%s" cannot be done to, in the service’s words',
    async (word) => {
      const refusal = new BrokerError('conflict', 'its end has been asked for');
      const { inject } = world({ orphanAnswers: { [word]: () => Promise.reject(refusal) } });
      const answer = await inject({ method: 'POST', url: `/orphans/${ORPHAN_ID}/${word}` });
      expect(answer.statusCode).toBe(409);
      expect(errorOf(answer)).toEqual({
        error: 'its end has been asked for',
        error_type: 'conflict',
        request_id: 'made-request-id',
      });
    },
  );

  it.each(['terminate', 'ignore'])('takes "%s" with an empty JSON body', async (word) => {
    const answer = await world().inject({
      method: 'POST',
      url: `/orphans/${ORPHAN_ID}/${word}`,
      headers: { 'content-type': 'application/json' },
      payload: '{}',
    });
    expect(answer.statusCode).toBeLessThan(300);
  });

  it.each(['terminate', 'ignore'])('refuses fields and parameters of "%s"', async (word) => {
    const { inject, orphanWords } = world();
    const url = `/orphans/${ORPHAN_ID}/${word}`;
    const withBody = await inject({ method: 'POST', url, payload: { force: true } });
    const withQuery = await inject({ method: 'POST', url: `${url}?force=true` });
    expect(problemsOf(withBody)).toEqual(['force: is not known; nothing is taken here']);
    expect(problemsOf(withQuery)).toEqual(['force: is not known; nothing is taken here']);
    expect(orphanWords).toEqual([]);
  });
});

describe('the id of an orphan', () => {
  const asked = (id: string) => [
    { method: 'GET' as const, url: `/orphans/${id}` },
    { method: 'POST' as const, url: `/orphans/${id}/terminate` },
    { method: 'POST' as const, url: `/orphans/${id}/ignore` },
  ];

  it.each([
    orphanIdOf('tensordock-v2', UUID),
    orphanIdOf('tensordock-v0', 'a_b-C'.repeat(25)),
    'odd-a/b?c%d+e#f',
  ])('is the stored one, once decoded: %s', async (id) => {
    const { inject, orphanWords } = world({ storedOrphan: orphan({ id }) });
    const [shown, ended, ignored] = asked(encodeURIComponent(id));
    if (!shown || !ended || !ignored) return expect.unreachable();
    expect((await inject(shown)).json()).toMatchObject({ id });
    expect((await inject(ended)).json()).toMatchObject({ orphan_id: id });
    expect((await inject(ignored)).json()).toMatchObject({ orphan_id: id });
    expect(orphanWords).toEqual([`terminate ${id}`, `ignore ${id}`]);
  });

  it('stands encoded in the paths that its message gives', async () => {
    const id = 'odd-a/b?c%d';
    const { inject } = world({ storedOrphan: orphan({ id, ...HELD }) });
    const { message } = (await inject(`/orphans/${encodeURIComponent(id)}`)).json<{
      message: string;
    }>();
    const [, path = ''] = /POST (\S+\/terminate)/.exec(message) ?? [];
    expect((await inject({ method: 'POST', url: path })).json()).toMatchObject({ orphan_id: id });
  });

  it.each([
    'vastai-778',
    'nothing',
    'vastai-777%20',
    'vastai-777%00',
    '%20',
    'vast%C3%A4-777',
    'x'.repeat(201),
    'x'.repeat(300),
    '%41'.repeat(200),
  ])('is 404 when it was never given out: %s', async (id) => {
    const { inject, orphanWords } = world();
    for (const request of asked(id)) {
      const answer = await inject(request);
      expect(answer.statusCode).toBe(404);
      expect(errorOf(answer).error_type).toBe('not_found');
    }
    expect(orphanWords).toEqual([]);
  });

  it('of a wrong form does not reach the service', async () => {
    const reached: string[] = [];
    const get = async (id: string) => {
      reached.push(id);
      return undefined;
    };
    const { inject } = world({ orphanAnswers: { get } });
    for (const id of ['%00', 'a%20b', '%F0%9F%92%A9', 'x'.repeat(201)]) {
      expect((await inject(`/orphans/${id}`)).statusCode).toBe(404);
    }
    expect(reached).toEqual([]);
  });
});

it('shows neither the version of a row nor anything else that nobody listed', async () => {
  const storedOrphan = { ...orphan(HELD), apiKey: 'SECRET' };
  const { inject } = world({ storedOrphan });
  for (const url of ['/orphans', `/orphans/${ORPHAN_ID}`]) {
    const { body } = await inject(url);
    expect(body).not.toContain('SECRET');
    expect(body).not.toContain('version');
  }
});
