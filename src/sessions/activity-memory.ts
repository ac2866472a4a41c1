import type { ActivityRecord } from '../domain/activity/activity.ts';
import type { DatedReading } from '../domain/activity/rates.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';

/** What is known of the activity of a session since this process began. */
export interface KnownActivity {
  /** The broker's latest look. */
  readonly look?: ActivityRecord;
  /** What the latest look showed that showed something. */
  readonly reading?: DatedReading;
  /** The latest word of the agent's that was written down. */
  readonly word?: ActivityRecord;
  /** When the agent last told of work, to the millisecond; its rows know it to within some seconds. */
  readonly workToldAt?: EpochMs;
}

/** Far more than run at once. */
const MAX_SESSIONS = 20_000;
/** For whoever asks soon after the end why it came. At one to two kilobytes each, all that ever were would only take memory. */
const MAX_OVER = 200;
const NOTHING: KnownActivity = {};

export class ActivityMemory {
  readonly #known = new BoundedMap<SessionId, KnownActivity>(MAX_SESSIONS);

  of(id: SessionId): KnownActivity {
    return this.#known.get(id) ?? NOTHING;
  }

  note(id: SessionId, news: KnownActivity): void {
    this.#known.set(id, { ...this.of(id), ...news });
  }

  /** Of the sessions that are over, forgets all but the latest. */
  forgetOver(open: readonly SessionId[]): void {
    if (this.#known.size <= MAX_OVER) return;
    const isOpen = new Set(open);
    const over = [...this.#known.keys()].filter((id) => !isOpen.has(id));
    for (const id of over.slice(0, -MAX_OVER)) this.#known.delete(id);
  }
}
