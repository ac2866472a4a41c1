import {
  idleDeadline,
  idleMinutes,
  isEnding,
  isIdleTooLong,
  recordWork,
  type WorkReport,
} from '../domain/idleness.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import type { Session } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Keys } from '../ports/keys.ts';
import type { SessionBook } from './session-book.ts';
import type { LifecyclePhase } from './session-service.ts';

/** What the agent on a rented machine can tell. It rents and ends nothing, and is listened to before the broker is ready. */
export interface HeartbeatService {
  beat(id: SessionId, heartbeat: Heartbeat): Promise<HeartbeatOutcome>;
}

export interface Heartbeat {
  readonly token: string;
  readonly report: WorkReport;
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
  readonly book: SessionBook;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly policy: Policy;
  /** Sessions whose agent has said something that may not stand in their rows. */
  readonly unheard: Set<SessionId>;
  readonly wake: (id: SessionId) => void;
  readonly phase: () => LifecyclePhase;
}

/** No token has it: where a session has none, what is shown is compared all the same, for the time that it takes. */
const NO_HASH = '0'.repeat(64);

export class Heartbeats implements HeartbeatService {
  readonly #parts: HeartbeatParts;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  async beat(id: SessionId, { token, report }: Heartbeat): Promise<HeartbeatOutcome> {
    const { book, keys, clock } = this.#parts;
    const session = await book.load(id);
    const isAgent = keys.isTokenOf(session?.agentTokenHash ?? NO_HASH, token);
    if (!session || !isAgent) return { kind: 'not_its_agent' };
    if (isEnding(session)) return { kind: 'ending' };
    const now = clock.now();
    const known = (await this.#write(id, report, now)) ?? session;
    this.#wakeIfIdle(known, now);
    return {
      kind: 'taken',
      idleMinutes: idleMinutes(known, now),
      idleDeadline: idleDeadline(known, now),
    };
  }

  /** The session where the report changed it. What could not be written down makes all that was said before it worthless. */
  async #write(id: SessionId, report: WorkReport, at: EpochMs): Promise<Session | undefined> {
    const { book, policy, unheard } = this.#parts;
    const isUnbroken = !unheard.has(id);
    const listening = { isUnbroken, policy };
    try {
      const stored = await book.update(id, recordWork(report, at, listening));
      if (!isUnbroken) unheard.delete(id);
      return stored;
    } catch (error) {
      unheard.add(id);
      throw error;
    }
  }

  #wakeIfIdle(session: Session, now: EpochMs): void {
    const { phase, policy, wake } = this.#parts;
    const isOver = isIdleTooLong(session, { now, gapMs: policy.heartbeatGapMs });
    if (isOver && phase() === 'running') wake(session.id);
  }
}
