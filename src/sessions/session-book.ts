import type { BrokerEvent } from '../domain/events.ts';
import type { SessionId } from '../domain/ids.ts';
import type { Transition } from '../domain/lifecycle/change.ts';
import type { Session } from '../domain/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Origin } from '../ports/origin.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { CreationResult, SessionCreation, Store } from '../ports/store.ts';

/** A transition that loses against other writers this often has met something other than bad luck. */
const MAX_STALE_RETRIES = 10;

type Listener = (session: Session) => void;

/**
 * The one way in which sessions change: a pure transition on a fresh copy, stored under its version together with its
 * events, told to the recorder and to whoever waits, after it is on disk.
 */
export class SessionBook {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #listeners = new Map<SessionId, Set<Listener>>();
  readonly #waiting = new Set<() => void>();
  #isReleased = false;

  constructor(parts: {
    readonly store: Store;
    readonly clock: Clock;
    readonly recorder: Recorder;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#recorder = parts.recorder;
  }

  load(id: SessionId): Promise<Session | undefined> {
    return this.#store.load(id);
  }

  async create(creation: SessionCreation): Promise<CreationResult> {
    const result = await this.#store.create(creation);
    if (result.kind === 'created') this.#publish(creation.session, creation.events);
    return result;
  }

  /** The session as stored after the transition; undefined when it does not exist or the transition had nothing to do. */
  async update(
    id: SessionId,
    transition: Transition,
    origin?: Origin,
  ): Promise<Session | undefined> {
    for (let attempt = 0; attempt < MAX_STALE_RETRIES; attempt += 1) {
      const session = await this.#store.load(id);
      const change = session && transition(session);
      if (!change) return undefined;
      if ((await this.#store.save(change.session, change.events)) === 'saved') {
        const stored = { ...change.session, version: change.session.version + 1 };
        this.#publish(stored, change.events, origin);
        return stored;
      }
    }
    throw new Error(`session ${id} changed under ${MAX_STALE_RETRIES} writes in a row`);
  }

  /** Events that belong to no session. */
  async append(events: readonly BrokerEvent[]): Promise<void> {
    await this.#store.append(events);
    for (const event of events) this.#recorder.event(event);
  }

  /** The session as soon as `isSettled` holds for it; as it stands after `timeoutMs`, or at the release, at the latest. */
  async waitFor(
    id: SessionId,
    isSettled: (session: Session) => boolean,
    timeoutMs: number,
  ): Promise<Session | undefined> {
    if (this.#isReleased) return this.#store.load(id);
    const news = this.#listen(id, isSettled, timeoutMs);
    try {
      const now = await this.#store.load(id);
      if (!now || isSettled(now)) return now;
      return (await news.settled) ?? (await this.#store.load(id));
    } finally {
      news.forget();
    }
  }

  /** Ends all waiting, now and from here on: a broker that stops keeps nobody and leaves no timer. */
  release(): void {
    this.#isReleased = true;
    for (const giveUp of [...this.#waiting]) giveUp();
  }

  #listen(id: SessionId, isSettled: (session: Session) => boolean, timeoutMs: number) {
    const listeners = this.#listeners.get(id) ?? new Set<Listener>();
    this.#listeners.set(id, listeners);
    let forget = (): void => {};
    const settled = new Promise<Session | undefined>((resolve) => {
      const listener: Listener = (session) => {
        if (isSettled(session)) resolve(session);
      };
      const giveUp = (): void => resolve(undefined);
      const cancel = this.#clock.after(timeoutMs, giveUp);
      forget = () => {
        cancel();
        this.#waiting.delete(giveUp);
        listeners.delete(listener);
        if (listeners.size === 0 && this.#listeners.get(id) === listeners)
          this.#listeners.delete(id);
      };
      this.#waiting.add(giveUp);
      listeners.add(listener);
    });
    return { settled, forget };
  }

  #publish(session: Session, events: readonly BrokerEvent[], origin?: Origin): void {
    for (const event of events) this.#recorder.event(event, origin);
    for (const listener of [...(this.#listeners.get(session.id) ?? [])]) listener(session);
  }
}
