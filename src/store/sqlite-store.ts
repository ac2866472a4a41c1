import Sqlite from 'better-sqlite3';
import type { Transaction } from 'kysely';
import type { BrokerEvent } from '../domain/events.ts';
import type { Session } from '../domain/session.ts';
import type { Store } from '../ports/store.ts';
import { activityWriter, readActivity } from './activity-rows.ts';
import { readAttemptsSince } from './attempt-reading.ts';
import {
  readReconciledCosts,
  readUnreconciled,
  saveCharges,
  type UnreconciledParts,
} from './charge-rows.ts';
import { readClockHistory, writeClockHistory } from './clock-history.ts';
import { readCommitments } from './commitment-reading.ts';
import { readCosts, readSessionCost } from './cost-reading.ts';
import { costSumsAt, isWholeDays, readCutCostSums } from './cost-totals.ts';
import { createSession, findClaim } from './create-session.ts';
import type { Database } from './database.ts';
import { forgetEvents } from './forget-events.ts';
import { forgetSessions } from './forget-sessions.ts';
import {
  countOrphans,
  readEndingOrphanIds,
  readOrphan,
  readOrphanPage,
  readOrphansOf,
} from './orphan-reading.ts';
import { memoryOf, type SessionMemory } from './session-memory.ts';
import { readEvents, readOpenAt, readOpenIds, readPage } from './session-reading.ts';
import { isLocked, StepQueue } from './step-queue.ts';
import { StoreError } from './store-error.ts';
import type { Tables } from './tables.ts';
import { dropOrphan, saveOrphan } from './write-orphan.ts';
import { insertEvents, replaceSession } from './write-session.ts';

/** The store over an opened and migrated database; `onClose` runs once, after the last step is through. */
export function createStore(database: Database, onClose: () => Promise<void>): Store {
  const memory = memoryOf(database);
  const queue = new StepQueue({ ...database, onLost: () => memory.forgetAll() });
  const steps = createSteps(queue, onClose);
  const { run, read } = steps;
  const writeActivity = activityWriter();
  return {
    create: (creation) =>
      memory.whileWriting(
        creation.session.id,
        () =>
          run((trx) => {
            memory.forget(creation.session.id);
            return createSession(trx, creation);
          }),
        ({ kind }) => (kind === 'created' ? { ...creation.session, version: 1 } : undefined),
      ),
    findClaim: (use, now) => read((trx) => findClaim(trx, use, now)),
    load: async (id) => {
      steps.mustBeOpen();
      return memory.get(id) ?? read((trx) => memory.read(trx, id));
    },
    save: (session, events) =>
      memory.whileWriting(
        session.id,
        () => run((trx) => saveSession(trx, memory, { session, events })),
        (result) => (result === 'saved' ? { ...session, version: session.version + 1 } : undefined),
      ),
    append: (events) => run((trx) => insertEvents(trx, events)),
    page: async (query) => {
      steps.mustBeOpen();
      return memory.pageOf(query) ?? read((trx) => readPage(trx, memory, query));
    },
    openIds: () => read(readOpenIds),
    openAt: (api) => read((trx) => readOpenAt(trx, memory, api)),
    costs: (query, now) => read((trx) => readCosts(trx, query, now)),
    costSums: async (query, now) => {
      steps.mustBeOpen();
      if (!isWholeDays(query.window)) return read((trx) => readCutCostSums(trx, query, now));
      const basis = memory.costsOf(query) ?? (await read((trx) => memory.readCosts(trx, query)));
      return costSumsAt(basis, query.window, now);
    },
    commitments: (now) => read((trx) => readCommitments(trx, now)),
    ...chargeSteps(steps, { read: (step) => queue.read(step), pause: database.pause }),
    sessionCost: (id, now) => read((trx) => readSessionCost(trx, id, now)),
    attemptsSince: (query) => read((trx) => readAttemptsSince(trx, query)),
    orphansOf: (provider) => read((trx) => readOrphansOf(trx, provider)),
    endingOrphanIds: () => read(readEndingOrphanIds),
    findOrphan: (id) => read((trx) => readOrphan(trx, id)),
    orphanPage: (query) => read((trx) => readOrphanPage(trx, query)),
    orphanCounts: () => read(countOrphans),
    saveOrphan: (orphan, events) => run((trx) => saveOrphan(trx, orphan, events)),
    dropOrphan: (orphan, events) => run((trx) => dropOrphan(trx, orphan, events)),
    saveActivity: (record) => run((trx) => writeActivity(trx, record)),
    activityOf: (id, limit) => read((trx) => readActivity(trx, id, limit)),
    forgetSessions: (query) =>
      run(async (trx) => {
        const forgotten = await forgetSessions(trx, query);
        for (const id of forgotten.ids) memory.forget(id);
        return forgotten;
      }),
    forgetEvents: (query) => run((trx) => forgetEvents(trx, query)),
    clockHistory: () => read(readClockHistory),
    keepClockHistory: (history) => run((trx) => writeClockHistory(trx, history)),
    events: (id, limit) => read((trx) => readEvents(trx, id, limit)),
    close: steps.close,
  };
}

interface SessionChange {
  readonly session: Session;
  readonly events: readonly BrokerEvent[];
}

async function saveSession(
  trx: Transaction<Tables>,
  memory: SessionMemory,
  { session, events }: SessionChange,
): Promise<'saved' | 'stale'> {
  memory.forget(session.id);
  if (!(await replaceSession(trx, session))) return 'stale';
  await insertEvents(trx, events);
  return 'saved';
}

function chargeSteps(
  { hold, run, read }: Steps,
  parts: UnreconciledParts,
): Pick<Store, 'unreconciled' | 'saveCharges' | 'reconciledCosts'> {
  return {
    unreconciled: (query) => hold(() => readUnreconciled(parts, query)),
    saveCharges: (charges) => run((trx) => saveCharges(trx, charges)),
    reconciledCosts: (query) => read((trx) => readReconciledCosts(trx, query)),
  };
}

interface Steps {
  /** Several steps that are one question: what closes the store waits for the last of them. */
  hold<Result>(work: () => Promise<Result>): Promise<Result>;
  run<Result>(step: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  read<Result>(step: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result>;
  mustBeOpen(): void;
  close(): Promise<void>;
}

/** Lets the steps that have begun finish before closing. */
function createSteps(queue: StepQueue, onClose: () => Promise<void>): Steps {
  const running = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;
  const mustBeOpen = (): void => {
    if (closed !== undefined) throw new StoreError('closed', 'The store is closed.');
  };
  const hold: Steps['hold'] = async (work) => {
    mustBeOpen();
    const result = work().catch(explain);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
    }
  };
  return {
    mustBeOpen,
    hold,
    run: (step) => hold(() => queue.run(step)),
    read: (step) => hold(() => queue.read(step)),
    close: () => {
      closed ??= Promise.allSettled(running).then(onClose);
      return closed;
    },
  };
}

function explain(cause: unknown): never {
  if (!(cause instanceof Sqlite.SqliteError)) throw cause;
  const advice = isLocked(cause)
    ? ' Another program holds it locked, such as a database shell in a transaction: end that program.'
    : '';
  throw new StoreError(
    'failed',
    `The database refused a step, of which nothing was written: ${cause.message}.${advice}`,
    { cause },
  );
}
