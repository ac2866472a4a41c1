import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { buildServer } from '../../../src/http/server.ts';
import { world } from '../http-world.ts';
import { FUZZ_RUNS, FUZZ_SEED } from './fuzz-settings.ts';
import { BROKEN, HIDDEN, SMUGGLING, spoiltStream } from './hostile-streams.ts';
import { type Address, answersIn, exchange, formFault, type RawAnswer } from './raw-exchange.ts';

const asked = world();
const app = buildServer(asked.parts);
await app.listen({ host: '127.0.0.1', port: 0 });
const address = addressOf(app.server.address());

beforeEach(() => {
  asked.orphanWords.length = 0;
});

afterAll(async () => {
  await app.close();
});

function addressOf(bound: string | AddressInfo | null): Address {
  if (bound === null || typeof bound === 'string') throw new Error('not listening');
  return { host: '127.0.0.1', port: bound.port };
}

async function answersTo(stream: string): Promise<readonly RawAnswer[]> {
  const answers = answersIn(await exchange(address, Buffer.from(stream, 'latin1')));
  for (const answer of answers) expect(formFault(answer)).toBeUndefined();
  return answers;
}

describe('over a real connection', () => {
  it.each(SMUGGLING)('nothing is read behind %s', async (_what, stream) => {
    const answers = await answersTo(stream);
    expect(asked.orphanWords).toEqual([]);
    expect(answers.length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status >= 400)).toBe(true);
  });

  it('what follows a request that is right is read', async () => {
    const answers = await answersTo(`GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n${HIDDEN}`);
    expect(answers.map(({ status }) => status)).toEqual([200, 202]);
    expect(asked.orphanWords).toHaveLength(1);
  });

  it.each(BROKEN)('%s is answered in our form or not at all', async (_what, stream) => {
    await answersTo(stream);
  });

  it(`spoilt requests of FUZZ_SEED ${FUZZ_SEED} are answered in our form or not at all`, async () => {
    await fc.assert(
      fc.asyncProperty(spoiltStream, async (stream) => {
        await answersTo(stream);
      }),
      { numRuns: Math.min(FUZZ_RUNS, 2000), seed: FUZZ_SEED },
    );
  }, 300_000);
});
