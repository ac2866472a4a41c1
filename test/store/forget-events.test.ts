import { expect, test } from 'vitest';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { forgetEvents } from '../../src/store/forget-events.ts';
import { insertEvents, insertSession } from '../../src/store/write-session.ts';
import { session, sessionId } from '../support/builders.ts';
import { openEmptyDatabase } from '../support/empty-database.ts';

const OLD = 1_000;
const YOUNG = 3_000;
const QUERY = {
  now: YOUNG,
  before: 2_000,
  ofNoSessionBefore: 1_500,
  lasting: [{ facts: { kind: 'store_failing' }, place: undefined, since: YOUNG }],
  after: 0,
  limit: 10,
} as const;
const ofSession: BrokerEvent = { kind: 'idle_warning_cleared', at: OLD, sessionId: sessionId() };
const ofNone = (at: number): BrokerEvent => ({
  kind: 'incident_raised',
  at,
  incident: { kind: 'store_failing' },
});

test.each([
  ['nothing', [ofSession, ofNone(1_500), ofNone(YOUNG)], 1],
  ['something', [ofSession, ofNone(OLD), ofNone(YOUNG)], 3],
])(
  'what is told of lasting incidents is looked through only where it may keep something: here %s',
  async (_when, events, queries) => {
    const database = openEmptyDatabase();
    let asked = 0;
    const kysely = database.kysely.withPlugin({
      transformQuery: ({ node }) => {
        asked += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    await database.kysely.transaction().execute(async (trx) => {
      await insertSession(trx, session());
      await insertEvents(trx, events);
    });
    const forgotten = await kysely.transaction().execute((trx) => forgetEvents(trx, QUERY));
    expect([forgotten, asked]).toStrictEqual([{ count: 0 }, queries]);
    await database.close();
  },
);
