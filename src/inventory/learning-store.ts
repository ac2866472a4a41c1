import type { Session } from '../domain/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { PastAttempt, Store } from '../ports/store.ts';
import type { Shelf } from './shelf.ts';
import { type Launch, MAX_LAUNCHES, REMEMBERED_FOR_MS, type TrackRecord } from './track-record.ts';

export interface LearningParts {
  readonly record: TrackRecord;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** The same store; what sessions' rows say of launches is learned as they are written, and so never before it is on disk. */
export function learningStore(store: Store, parts: LearningParts): Store {
  return {
    ...store,
    save: async (session, events) => {
      const result = await store.save(session, events);
      if (result === 'saved') learnFrom(session, parts);
      return result;
    },
  };
}

function learnFrom(session: Session, { record, shelf, clock, recorder }: LearningParts): void {
  const news = record.learn(session, clock.now());
  for (const launch of news) {
    const { provider, api, shown } = launch;
    const outcome =
      launch.hasRun && launch.outcome.kind === 'broken' ? 'lost_early' : launch.outcome.kind;
    const sessionId = session.id;
    recorder.note({ kind: 'launch_judged', sessionId, provider, api, outcome, confidence: shown });
  }
  // Who asks next must not be sent where somebody has just failed. A success can wait for the next refresh.
  if (news.some(isFailure)) shelf.reconsider();
}

function isFailure({ outcome }: Launch): boolean {
  return outcome.kind !== 'ran';
}

/** Rows that are read with one statement: a start is not to be felt by those who ask meanwhile. */
const PAGE = 250;
const PAUSE_MS = 20;

/**
 * Reads, in the background, what became of the latest launches before this process began. Where that fails the menu has the
 * adapters' own figures, as it had before. `isStopping` ends it early.
 */
export async function recallLaunches(
  store: Pick<Store, 'attemptsSince'>,
  { record, shelf, clock, recorder }: LearningParts,
  isStopping: () => boolean,
): Promise<void> {
  try {
    const attempts = await readAttempts(store, clock, isStopping);
    record.recall(attempts.toReversed(), clock.now());
    shelf.reconsider();
  } catch (error) {
    recorder.note({ kind: 'loop_failed', loop: 'track record', error });
  }
}

/** Newest first. */
async function readAttempts(
  store: Pick<Store, 'attemptsSince'>,
  clock: Clock,
  isStopping: () => boolean,
): Promise<readonly PastAttempt[]> {
  const since = clock.now() - REMEMBERED_FOR_MS;
  const attempts: PastAttempt[] = [];
  for (let offset = 0; offset < MAX_LAUNCHES && !isStopping(); offset += PAGE) {
    const page = await store.attemptsSince({ since, limit: PAGE, offset });
    attempts.push(...page);
    if (page.length < PAGE) break;
    await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve));
  }
  return attempts;
}
