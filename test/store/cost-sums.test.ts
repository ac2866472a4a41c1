import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import { PRICE_PARTS } from '../../src/domain/offer.ts';
import type { Session } from '../../src/domain/session.ts';
import { DAY_MS, HOUR_MS, utcDayStart } from '../../src/domain/time.ts';
import type { CostQuery, CostRow, CostSums, Store } from '../../src/ports/store.ts';
import type { Database } from '../../src/store/database.ts';
import { openStoreOn } from '../../src/store/open-store.ts';
import {
  DEPLOYMENT,
  instance,
  offer,
  request,
  START,
  session,
  sessionId,
} from '../support/builders.ts';
import { openEmptyDatabase } from '../support/empty-database.ts';

const FIRST_DAY = utcDayStart(START);
const DAYS = 6;
const NOW = FIRST_DAY + DAYS * DAY_MS - HOUR_MS;

/** Lines that begin and end anywhere within some days, at midnight too; one in four is still open. */
const line: fc.Arbitrary<CostEntry> = fc
  .record({
    part: fc.constantFrom(...PRICE_PARTS),
    rateMicroUsdPerHour: fc.nat(3_000_000),
    startedAt: fc.oneof(
      fc.integer({ min: FIRST_DAY, max: NOW }),
      fc.nat(DAYS - 1).map((day) => FIRST_DAY + day * DAY_MS),
    ),
    lengthMs: fc.oneof(fc.nat(2 * DAY_MS), fc.constantFrom(0, DAY_MS, HOUR_MS)),
    isOpen: fc.nat(3).map((drawn) => drawn === 0),
  })
  .map(({ lengthMs, isOpen, ...rest }) =>
    isOpen ? rest : { ...rest, endedAt: rest.startedAt + lengthMs },
  );

interface Writing {
  readonly number: number;
  readonly isOver: boolean;
  readonly attempts: readonly { readonly gpu: string; readonly lines: readonly CostEntry[] }[];
}

/** A handful of sessions, each written several times: over, and open again with other lines, as only a bug would. */
const writings: fc.Arbitrary<readonly Writing[]> = fc.array(
  fc.record({
    number: fc.integer({ min: 1, max: 4 }),
    isOver: fc.boolean(),
    attempts: fc.array(
      fc.record({ gpu: fc.constantFrom('A100', 'H100'), lines: fc.array(line, { maxLength: 4 }) }),
      { minLength: 3, maxLength: 3 },
    ),
  }),
  { maxLength: 10 },
);

const questions: fc.Arbitrary<readonly CostQuery[]> = fc.array(
  fc
    .record({
      from: fc.nat(DAYS),
      length: fc.integer({ min: 1, max: DAYS }),
      cutMs: fc.constantFrom(0, 0, 0, HOUR_MS),
      consumerId: fc.constantFrom(undefined, 'consumer-0', 'consumer-1', 'nobody'),
    })
    .map(({ from, length, cutMs, consumerId }) => ({
      window: { from: FIRST_DAY + from * DAY_MS + cutMs, to: FIRST_DAY + (from + length) * DAY_MS },
      ...(consumerId === undefined ? {} : { consumerId }),
    })),
  { minLength: 1, maxLength: 6 },
);

function written({ number, isOver, attempts }: Writing): Session {
  const id = sessionId(number);
  return session({
    id,
    request: request({ consumerId: `consumer-${number % 2}` }),
    status: isOver ? 'stopped' : 'running',
    instances: attempts.map(({ gpu, lines }, index) =>
      instance({
        sessionId: id,
        attempt: index + 1,
        offer: offer({ gpuType: gpu, provider: number > 2 ? 'alpha' : 'beta' }),
        state: isOver ? 'gone' : 'launched',
        costs: lines.map((one) => (isOver ? { endedAt: one.startedAt, ...one } : one)),
      }),
    ),
  });
}

async function write(store: Store, writing: Writing): Promise<void> {
  const next = written(writing);
  const stored = await store.load(next.id);
  if (!stored) await store.create({ session: next, events: [] });
  else await store.save({ ...next, version: stored.version }, []);
}

/** The rows of the one question, added up, beside the answer of the other. */
async function bothWays(store: Store, query: CostQuery) {
  const rows = await store.costs(query, NOW);
  const sums = await store.costSums(query, NOW);
  return {
    plain: totals(rows, new Set(rows.map((row) => row.sessionId)).size),
    sums: ofSums(sums),
  };
}

function ofSums({ parts, sessions }: CostSums) {
  return totals(parts, sessions);
}

function totals(parts: readonly Omit<CostRow, 'sessionId'>[], sessions: number) {
  const byKind = new Map<string, readonly [number, number]>();
  for (const { provider, gpuType, cost, billedMs } of parts) {
    const key = `${provider} ${gpuType}`;
    const [costs, times] = byKind.get(key) ?? [0, 0];
    byKind.set(key, [costs + cost, times + billedMs]);
  }
  return { sessions, byKind: Object.fromEntries([...byKind].sort()) };
}

async function withStore<Value>(use: (store: Store, database: Database) => Promise<Value>) {
  const database = openEmptyDatabase();
  const { store } = await openStoreOn(database, { newDeploymentId: () => DEPLOYMENT });
  try {
    return await use(store, database);
  } finally {
    await database.close();
  }
}

async function agree(spoil: (database: Database) => Promise<unknown>, numRuns: number) {
  await fc.assert(
    fc.asyncProperty(writings, questions, (all, asked) =>
      withStore(async (store, database) => {
        for (const one of all) await write(store, one);
        await spoil(database);
        for (const query of asked) {
          const { plain, sums } = await bothWays(store, query);
          expect(sums).toStrictEqual(plain);
        }
      }),
    ),
    { numRuns, endOnFailure: true },
  );
}

describe('the sums of what has ended', () => {
  test('say what all lines add up to, whatever was written and however often', async () => {
    await agree(async () => {}, 200);
  });

  test('would be caught if they had lost a day', async () => {
    const lose = ({ kysely }: Database) =>
      kysely
        .deleteFrom('costDays')
        .where('day', '=', FIRST_DAY + DAY_MS)
        .execute();
    await expect(agree(lose, 400)).rejects.toThrow('Property failed');
  });

  test('would be caught if they counted a session on each of its days', async () => {
    const recount = ({ kysely }: Database) =>
      kysely
        .updateTable('sessionDays')
        .set({ previousDay: -1 })
        .where('previousDay', '>', 0)
        .execute();
    await expect(agree(recount, 400)).rejects.toThrow();
  });

  test('take in what was over before there were any, a few with each question', async () => {
    await withStore(async (store, { kysely }) => {
      const ended: CostEntry = {
        part: 'gpu',
        rateMicroUsdPerHour: 1_000_000,
        startedAt: FIRST_DAY,
        endedAt: FIRST_DAY + HOUR_MS,
      };
      for (let number = 1; number <= 30; number += 1) {
        await write(store, { number, isOver: true, attempts: [{ gpu: 'A100', lines: [ended] }] });
      }
      await kysely.deleteFrom('costDays').execute();
      await kysely.deleteFrom('sessionDays').execute();
      const ids = await kysely.selectFrom('sessions').select('id as sessionId').execute();
      await kysely.insertInto('unsettledCosts').values(ids).execute();
      const query = { window: { from: FIRST_DAY, to: FIRST_DAY + DAY_MS } };
      const left = async () =>
        (await kysely.selectFrom('unsettledCosts').selectAll().execute()).length;
      const answers: [number, number][] = [];
      for (let times = 0; times < 3; times += 1) {
        const { sums, plain } = await bothWays(store, query);
        expect(sums).toStrictEqual(plain);
        answers.push([sums.sessions, await left()]);
      }
      expect(answers).toStrictEqual([
        [30, 10],
        [30, 0],
        [30, 0],
      ]);
    });
  });
});
