import { BrokerError } from '../domain/errors.ts';
import {
  idleDeadline,
  idleMinutes,
  isEnding,
  recordWork,
  type WorkReport,
} from '../domain/idleness.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Keys } from '../ports/keys.ts';
import type { SessionBook } from './session-book.ts';

/** What the agent on a rented machine can tell. Refusals are `BrokerError`. */
export interface HeartbeatService {
  /**
   * Takes in a report. `unauthorized` for a token that is not the session's and for a session that there is not, alike,
   * so that nobody learns from it which ids exist; `conflict` when it is stopping or has ended.
   */
  beat(id: SessionId, heartbeat: Heartbeat): Promise<Idleness>;
}

export interface Heartbeat {
  readonly token: string;
  readonly report: WorkReport;
}

export interface Idleness {
  readonly idleMinutes: number;
  /** Undefined where idleness ends nothing. */
  readonly idleDeadline: EpochMs | undefined;
}

export interface HeartbeatParts {
  readonly book: SessionBook;
  readonly keys: Keys;
  readonly clock: Clock;
}

/** No token has it: what is shown for a session without one is compared all the same, for the time that it takes. */
const NO_HASH = '';

export class Heartbeats implements HeartbeatService {
  readonly #parts: HeartbeatParts;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  async beat(id: SessionId, { token, report }: Heartbeat): Promise<Idleness> {
    const { book, keys, clock } = this.#parts;
    const session = await book.load(id);
    const isAgent = keys.isTokenOf(session?.agentTokenHash ?? NO_HASH, token);
    if (!session || !isAgent) {
      throw new BrokerError('unauthorized', 'this is not the agent token of that session');
    }
    if (isEnding(session)) {
      throw new BrokerError('conflict', `session ${id} has ended or is stopping`);
    }
    const now = clock.now();
    const known = (await book.update(id, recordWork(report, now))) ?? session;
    return { idleMinutes: idleMinutes(known, now), idleDeadline: idleDeadline(known) };
  }
}
