import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionService } from '../../../src/sessions/session-service.ts';
import { session } from '../http-world.ts';
import { FUZZ_RUNS, FUZZ_SEED } from './fuzz-settings.ts';
import { fuzzedWorld, rightRequest } from './fuzzed-world.ts';
import { anyRequest, type HostileRequest } from './hostile-requests.ts';
import { isRightAnswer } from './valid-requests.ts';

const LIMITS = { numRuns: FUZZ_RUNS, seed: FUZZ_SEED };
const TIMEOUT_MS = 60_000 + FUZZ_RUNS * 200;
const TOKEN = 'the-one-token-that-opens';

describe(`whatever is sent of FUZZ_SEED ${FUZZ_SEED}`, () => {
  it(
    'is not answered without a token where one is needed',
    async () => {
      const fuzzed = await fuzzedWorld({ tokens: [{ name: 'one', token: TOKEN }] });
      const closed = fuzzed.routes.filter(({ isPublic }) => !isPublic);
      const property = fc.asyncProperty(anyRequest(closed), async (request) => {
        const { statusCode, body } = await fuzzed.send(request);
        // Some land beside their route, and what is public is answered as it always is.
        if (statusCode < 400) expect(fuzzed.isPublicAnswer(), body).toBe(true);
      });
      await fc.assert(property, LIMITS);
    },
    TIMEOUT_MS,
  );

  it('is answered with the token', async () => {
    const fuzzed = await fuzzedWorld({ tokens: [{ name: 'one', token: TOKEN }] });
    for (const route of fuzzed.routes) {
      const right = rightRequest(route);
      const headers = { ...right.headers, authorization: `Bearer ${TOKEN}` };
      const answer = await fuzzed.send({ ...right, headers });
      expect(isRightAnswer(route.name, answer.statusCode), answer.body).toBe(true);
    }
  }, 60_000);

  it(
    'rents and ends nothing before the broker is ready',
    async () => {
      const acts: string[] = [];
      const fuzzed = await fuzzedWorld({ startAt: 'starting', sessionAnswers: noting(acts) });
      const property = fc.asyncProperty(anyRequest(fuzzed.routes), async (request) => {
        await fuzzed.send(request);
        expect([...acts, ...fuzzed.orphanWords()]).toEqual([]);
      });
      await fc.assert(property, LIMITS);
    },
    TIMEOUT_MS,
  );

  it(
    'is answered the same under its other name',
    async () => {
      const fuzzed = await fuzzedWorld();
      const property = fc.asyncProperty(anyRequest(fuzzed.routes), async (request) => {
        const [one, other] = [await fuzzed.send(request), await fuzzed.send(renamed(request))];
        expect([other.statusCode, canonical(other.body)]).toEqual([
          one.statusCode,
          canonical(one.body),
        ]);
      });
      await fc.assert(property, LIMITS);
    },
    TIMEOUT_MS,
  );
});

/** Everything that would rent, end or prolong is noted. */
function noting(acts: string[]): Partial<SessionService> {
  return {
    create: async () => {
      acts.push('create');
      return { session: session(), agentToken: '' };
    },
    done: async () => void acts.push('done'),
    destroy: async () => {
      acts.push('destroy');
      return 'destroyed';
    },
    extend: async () => {
      acts.push('extend');
      return 0;
    },
  };
}

/** Below `/api/v1`; dots are resolved first, since they would lead out of it again. */
function renamed(request: HostileRequest): HostileRequest {
  const { pathname, search } = new URL(`http://localhost${request.url}`);
  if (pathname.startsWith('/api/v1')) return request;
  const path = pathname.replace(/^\/offers(?=\/|$)/, '/inventory');
  return { ...request, url: `/api/v1${path}${search}` };
}

/** Without hints, which name paths as the caller does. */
function canonical(body: string): string {
  return body.replace(/; did you mean [^"]*/, '');
}
