import type { Incident } from '../domain/incident.ts';
import type { Policy } from '../domain/policy.ts';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { ForgottenEvents, Store } from '../ports/store.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import { type BelievedTime, believedTime } from './set-clock.ts';

export interface RetentionParts {
  readonly store: Pick<
    Store,
    'forgetSessions' | 'forgetEvents' | 'orphanPage' | 'clockHistory' | 'keepClockHistory'
  >;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly policy: Policy;
  readonly incidents: () => readonly Incident[];
}

/** Removed in one transaction, for which requests wait: about two milliseconds' worth of each. */
const SESSIONS_A_STEP = 5;
const EVENTS_A_STEP = 250;
/** Between two such steps while more is due. */
const STEP_EVERY_MS = SECOND_MS;
const MAX_ORPHANS = 1_000;

/**
 * Removes what is older than it is to be kept, a little at a time, and nothing for a jump of the clock that may yet be taken back. Of
 * one step the next remembers only how far the events have been looked through, and of one process the next how the clock was set, so
 * that a process which ends at any point is followed by one that simply goes on.
 */
export function startRetention(parts: RetentionParts): Loop {
  const { store, clock, recorder, policy } = parts;
  let time: BelievedTime | undefined;
  let lookedThroughTo = 0;
  let isMoreDue = false;
  const removeSome = async (now: EpochMs) => {
    const sessions = await forgetSomeSessions(parts, now);
    const events = await forgetSomeEvents(parts, now, lookedThroughTo);
    lookedThroughTo = events.next ?? 0;
    isMoreDue = sessions.isMoreDue || events.next !== undefined;
    const removed = { sessions: sessions.ids.length, events: events.count };
    if (removed.sessions + removed.events > 0) {
      recorder.note({ kind: 'old_data_removed', ...removed });
    }
  };
  return startLoop({
    name: 'retention',
    clock,
    recorder,
    intervalMs: () => (isMoreDue ? STEP_EVERY_MS : policy.retentionIntervalMs),
    body: async () => {
      isMoreDue = false;
      time ??= believedTime(clock, policy.clockEvenForMs, await store.clockHistory());
      const now = time.now();
      if (now !== undefined) await removeSome(now);
      if (!isMoreDue) await store.keepClockHistory(time.history());
    },
  });
}

async function forgetSomeSessions({ store, policy }: RetentionParts, now: EpochMs) {
  const { sessionsKeptMs, chargesAskedForMs, chargesSettleMs } = policy;
  if (sessionsKeptMs === undefined) return { ids: [], isMoreDue: false };
  return store.forgetSessions({
    endedBefore: now - sessionsKeptMs,
    now,
    bills: { goneAfter: now - chargesAskedForMs, settleMs: chargesSettleMs },
    limit: SESSIONS_A_STEP,
  });
}

async function forgetSomeEvents(
  parts: RetentionParts,
  now: EpochMs,
  after: number,
): Promise<ForgottenEvents> {
  const { eventsKeptMs } = parts.policy;
  if (eventsKeptMs === undefined) return { count: 0 };
  const before = now - eventsKeptMs;
  const ofNoSessionBefore = Math.min(before, await oldestOrphanAt(parts));
  return parts.store.forgetEvents({
    now,
    before,
    ofNoSessionBefore,
    lasting: parts.incidents(),
    after,
    limit: EVENTS_A_STEP,
  });
}

/** Of a machine that no session knows the whole story is kept, as of an incident that lasts. */
async function oldestOrphanAt({ store }: RetentionParts): Promise<EpochMs> {
  const { orphans } = await store.orphanPage({ limit: MAX_ORPHANS, offset: 0 });
  return Math.min(...orphans.map(({ detectedAt }) => detectedAt));
}
