import { beforeEach, describe, expect, it } from 'vitest';
import { MAX_COUNTED_CLIENTS, RequestCounts } from '../../src/http/plugins/request-counts.ts';
import { errorOf, LEAST_BODY, type World, type WorldOptions, world } from './http-world.ts';

const LIMIT = 3;
const MINUTE_MS = 60_000;
const TOKENS = [
  { name: 'alice', token: 'alice-secret-token' },
  { name: 'alice', token: 'alice-new-token' },
  { name: 'ci', token: 'ci-secret-token' },
];

let nowMs = 0;
beforeEach(() => {
  nowMs = 0;
});

function limited(options: WorldOptions = {}): World {
  return world({ rateLimitPerMinute: LIMIT, monotonicMs: () => nowMs, ...options });
}

type Ask = Parameters<World['inject']>[0];

async function statuses({ inject }: World, asks: readonly Ask[]): Promise<readonly number[]> {
  const seen: number[] = [];
  for (const ask of asks) seen.push((await inject(ask)).statusCode);
  return seen;
}

function times(count: number, ask: Ask): readonly Ask[] {
  return Array.from({ length: count }, () => ask);
}

const by = (token: string) => ({
  url: '/offers',
  headers: { authorization: `Bearer ${token}` },
});
const from = (remoteAddress: string) => ({ url: '/offers', remoteAddress });

describe('the rate limit', () => {
  it('answers 429 in the form of every other error, and says when to come back', async () => {
    const asked = limited();
    await statuses(asked, times(LIMIT, '/offers'));
    nowMs = 20_500;
    const answer = await asked.inject('/offers');
    expect(answer.statusCode).toBe(429);
    expect(errorOf(answer)).toEqual({
      error: 'too many requests from this client; ask again in 40 s',
      error_type: 'rate_limited',
      request_id: 'made-request-id',
    });
    expect(answer.headers).toMatchObject({
      'retry-after': '40',
      'ratelimit-limit': '3',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '40',
      'x-content-type-options': 'nosniff',
    });
  });

  it('tells on each answer how much is left', async () => {
    const asked = limited();
    const left: unknown[] = [];
    for (const url of ['/offers', '/sessions', '/nowhere']) {
      left.push((await asked.inject(url)).headers['ratelimit-remaining']);
    }
    expect(left).toEqual(['2', '1', '0']);
  });

  it('opens again when the minute is over', async () => {
    const asked = limited();
    expect(await statuses(asked, times(4, '/offers'))).toEqual([200, 200, 200, 429]);
    nowMs = MINUTE_MS - 1;
    expect(await statuses(asked, ['/offers'])).toEqual([429]);
    nowMs = MINUTE_MS;
    expect(await statuses(asked, times(4, '/offers'))).toEqual([200, 200, 200, 429]);
  });

  it('holds before the body is read, and rents nothing', async () => {
    const asked = limited();
    const create = { method: 'POST', url: '/sessions', payload: LEAST_BODY } as const;
    expect(await statuses(asked, times(4, create))).toEqual([201, 201, 201, 429]);
    const noJson = { ...create, payload: '{', headers: { 'content-type': 'application/json' } };
    expect(await statuses(asked, [noJson])).toEqual([429]);
    expect(asked.created).toHaveLength(LIMIT);
  });

  it.each(['/health', '/ready', '/api/v1/health'])('is not for %s', async (url) => {
    const asked = limited({ tokens: TOKENS });
    const answers = await statuses(asked, times(LIMIT * 3, url));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect((await asked.inject(by('ci-secret-token'))).headers['ratelimit-remaining']).toBe('2');
  });

  it('counts the paths below /api/v1 together with the others', async () => {
    const urls = ['/offers', '/api/v1/offers', '/api/v1/inventory', '/api/v1/sessions'];
    expect(await statuses(limited(), urls)).toEqual([200, 200, 200, 429]);
  });

  it('is none when it is 0', async () => {
    const asked = limited({ rateLimitPerMinute: 0 });
    expect(new Set(await statuses(asked, times(50, '/offers')))).toEqual(new Set([200]));
    expect((await asked.inject('/offers')).headers).not.toHaveProperty('ratelimit-limit');
  });
});

describe('a client', () => {
  it('does not use up the share of another address', async () => {
    const asked = limited();
    await statuses(asked, times(50, from('192.0.2.1')));
    expect(await statuses(asked, [from('192.0.2.1'), from('192.0.2.2')])).toEqual([429, 200]);
  });

  it('is its token where there are some, whatever address it comes from', async () => {
    const asked = limited({ tokens: TOKENS });
    const alice = by('alice-secret-token');
    await statuses(asked, times(LIMIT, alice));
    const elsewhere = { ...by('alice-new-token'), remoteAddress: '192.0.2.9' };
    expect(await statuses(asked, [alice, elsewhere, by('ci-secret-token')])).toEqual([
      429, 429, 200,
    ]);
  });

  it('that guesses tokens is slowed down, and none of those that have one', async () => {
    const asked = limited({ tokens: TOKENS });
    const guesses = await statuses(asked, times(5, by('guess')));
    expect(guesses).toEqual([401, 401, 401, 429, 429]);
    expect(await statuses(asked, [by('ci-secret-token')])).toEqual([200]);
  });

  it('cannot pass for a token by its address', async () => {
    const asked = limited({ tokens: [{ name: '127.0.0.1', token: 'secret-token' }] });
    await statuses(asked, times(5, by('guess')));
    expect(await statuses(asked, [by('secret-token')])).toEqual([200]);
  });

  it('is a whole network of IPv6, and no header makes another of it', async () => {
    const asked = limited();
    const hosts = ['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:1:ffff::3'];
    await statuses(asked, hosts.map(from));
    const disguised = { ...from('2001:db8:0:1::5'), headers: { 'x-forwarded-for': '192.0.2.77' } };
    expect(await statuses(asked, [disguised, from('2001:db8:0:2::1')])).toEqual([429, 200]);
  });

  it('loses nothing to a web page that its user visits', async () => {
    const asked = limited();
    const page = { url: '/offers', headers: { 'sec-fetch-site': 'cross-site' } };
    expect(new Set(await statuses(asked, times(9, page)))).toEqual(new Set([403]));
    expect(await statuses(asked, ['/offers'])).toEqual([200]);
  });
});

describe('the memory of it', () => {
  it('has a bound, and forgets who was quiet for longest', () => {
    const counts = new RequestCounts({ windowMs: MINUTE_MS, monotonicMs: () => nowMs });
    const countOf = (client: string): number => counts.count(client).count;
    countOf('busy');
    countOf('quiet');
    for (let other = 2; other < MAX_COUNTED_CLIENTS; other += 1) countOf(`other ${other}`);
    expect(counts.size).toBe(MAX_COUNTED_CLIENTS);
    expect(countOf('busy')).toBe(2);
    countOf('newcomer');
    expect(counts.size).toBe(MAX_COUNTED_CLIENTS);
    expect(countOf('busy')).toBe(3);
    expect(countOf('quiet')).toBe(1);
  });
});
