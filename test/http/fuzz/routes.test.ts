import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import { FUZZ_RUNS, FUZZ_SEED, IS_ASKED_FOR } from './fuzz-settings.ts';
import { fuzzedWorld, fuzzRoute, rightRequest } from './fuzzed-world.ts';
import { isRightAnswer } from './valid-requests.ts';

/** A hundred times what it takes: the machine may be busy, and a hang is to be told from that. */
const TIMEOUT_MS = 60_000 + FUZZ_RUNS * 100;
/** What a server may keep after some ten thousand requests, compiled code and caches included. */
const KEPT_BYTES = 64 * 1024 * 1024;

const fuzzed = await fuzzedWorld();
const keptBefore = bytesInUse();

// Each with a seed of its own: with one for all, all would be sent much the same.
const seeded = fuzzed.routes.map((route, index) => [route.name, route, FUZZ_SEED + index] as const);

describe.each(seeded)('%s', (_name, route, seed) => {
  it(
    `gives documented answers alone to ${FUZZ_RUNS} requests of FUZZ_SEED ${FUZZ_SEED}`,
    async () => {
      const limits = { numRuns: FUZZ_RUNS, seed };
      await expect(fuzzRoute(fuzzed, route, limits)).resolves.toBeUndefined();
    },
    TIMEOUT_MS,
  );

  it('still takes a right request', async () => {
    const answer = await fuzzed.send(rightRequest(route));
    expect(isRightAnswer(route.name, answer.statusCode), answer.body).toBe(true);
  });
});

describe('after all of it the server', () => {
  it('is healthy', async () => {
    expect((await fuzzed.app.inject('/health')).statusCode).toBe(200);
  });

  it('keeps no memory of it', () => {
    expect(bytesInUse() - keptBefore).toBeLessThan(KEPT_BYTES);
  });
});

it('sends what is right as well as what is wrong', () => {
  for (const { name, answers } of fuzzed.routes) {
    const statuses = [...(fuzzed.tally.get(name)?.keys() ?? [])];
    // The pages of the documentation take any query.
    const isStrict = Object.keys(answers).length > 0;
    expect(
      statuses.some((status) => isRightAnswer(name, status)),
      `${name} is never answered well`,
    ).toBe(true);
    expect(!isStrict || statuses.includes(400), `${name} never refuses`).toBe(true);
  }
});

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

afterAll(() => {
  if (!IS_ASKED_FOR) return;
  for (const [route, statuses] of fuzzed.tally) {
    const told = [...statuses].sort(([left], [right]) => left - right);
    const text = told.map(([status, times]) => `${times} × ${status}`).join(', ');
    process.stdout.write(`${route}: ${text}\n`);
  }
});
