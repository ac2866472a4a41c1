import type { ActivityRecord, Cause } from '../domain/activity/activity.ts';
import {
  idleDeadline,
  idleMinutes,
  isEnding,
  isIdleTooLong,
  recordWork,
  tellsOfWork,
  type WorkReport,
} from '../domain/idleness.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { Session } from '../domain/session.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Keys } from '../ports/keys.ts';
import type { Origin } from '../ports/origin.ts';
import type { Store } from '../ports/store.ts';
import type { ActivityMemory } from './activity-memory.ts';
import type { SessionBook } from './session-book.ts';
import type { LifecyclePhase } from './session-service.ts';

/** What the agent on a rented machine can tell. It rents and ends nothing, and is listened to before the broker is ready. */
export interface HeartbeatService {
  beat(id: SessionId, heartbeat: Heartbeat): Promise<HeartbeatOutcome>;
}

export interface Heartbeat {
  readonly token: string;
  readonly report: WorkReport;
  /** The request that brings it. Whatever a session is worked on for stays what it was. */
  readonly origin?: Origin;
}

export type HeartbeatOutcome =
  | {
      readonly kind: 'taken';
      readonly idleMinutes: number;
      /** Undefined where idleness ends nothing. */
      readonly idleDeadline: EpochMs | undefined;
    }
  /** The session is stopping or has ended. */
  | { readonly kind: 'ending' }
  /** The token is not the session's, or there is no such session: nobody is to learn which ids exist. */
  | { readonly kind: 'not_its_agent' };

export interface HeartbeatParts {
  readonly book: Pick<SessionBook, 'load' | 'update'>;
  readonly keys: Pick<Keys, 'isTokenOf'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly policy: Policy;
  /** Sessions of whose work something was found out that may not stand in their rows. */
  readonly unheard: Set<SessionId>;
  readonly activity: ActivityMemory;
  readonly store: Pick<Store, 'saveActivity'>;
  readonly wake: (id: SessionId) => void;
  readonly phase: () => LifecyclePhase;
}

const SAME_WORD_MS = MINUTE_MS;

/** No token has it: where a session has none, what is shown is compared all the same, for the time that it takes. */
const NO_HASH = '0'.repeat(64);

export class Heartbeats implements HeartbeatService {
  readonly #parts: HeartbeatParts;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  async beat(id: SessionId, heartbeat: Heartbeat): Promise<HeartbeatOutcome> {
    const { token } = heartbeat;
    const { book, keys, clock } = this.#parts;
    const session = await book.load(id);
    const isAgent = keys.isTokenOf(session?.agentTokenHash ?? NO_HASH, token);
    if (!session || !isAgent) return { kind: 'not_its_agent' };
    if (isEnding(session)) return { kind: 'ending' };
    const now = clock.now();
    const known = (await this.#write(session, heartbeat, now)) ?? session;
    this.#wakeIfIdle(known, now);
    return {
      kind: 'taken',
      idleMinutes: idleMinutes(known, now),
      idleDeadline: idleDeadline(known, now),
    };
  }

  /** The session where the report changed it. What could not be written down makes all that was said before it worthless. */
  async #write(
    session: Session,
    { report, origin }: Heartbeat,
    at: EpochMs,
  ): Promise<Session | undefined> {
    const { book, policy, unheard, activity } = this.#parts;
    const { id } = session;
    const isUnbroken = !unheard.has(id);
    if (tellsOfWork(report)) activity.note(id, { workToldAt: at });
    try {
      const stored = await book.update(id, recordWork(report, at, { isUnbroken, policy }), origin);
      if (!isUnbroken) unheard.delete(id);
      await this.#keep(session, wordOf(session, report, at));
      return stored;
    } catch (error) {
      unheard.add(id);
      throw error;
    }
  }

  /** Agents may speak every second: what they go on saying is kept once a minute. */
  async #keep({ id, request }: Session, word: ActivityRecord): Promise<void> {
    const { store, activity } = this.#parts;
    const { word: last } = activity.of(id);
    const isNews =
      last === undefined ||
      last.verdict !== word.verdict ||
      Math.abs(word.at - last.at) >= SAME_WORD_MS;
    if (!isNews || request.idleThresholdMinutes === 0) return;
    await store.saveActivity(word);
    activity.note(id, { word });
  }

  #wakeIfIdle(session: Session, now: EpochMs): void {
    const { phase, policy, wake } = this.#parts;
    const isOver = isIdleTooLong(session, { now, gapMs: policy.heartbeatGapMs });
    if (isOver && phase() === 'running') wake(session.id);
  }
}

function wordOf({ id }: Session, report: WorkReport, at: EpochMs): ActivityRecord {
  const verdict = tellsOfWork(report) ? 'active' : 'idle';
  return { sessionId: id, at, source: 'agent', verdict, because: [causeOf(report)] };
}

function causeOf(report: WorkReport): Cause {
  const { isBusy, gpuUtilizationPercent: value } = report;
  const measured = value === undefined ? {} : { value };
  if (!tellsOfWork(report)) return { reason: 'agent_idle', ...measured };
  const isSilent = isBusy === undefined && value === undefined;
  return { reason: isSilent ? 'agent_silent' : 'agent_busy', ...measured };
}
