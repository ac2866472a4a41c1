import type { IncidentEvent } from '../domain/events.ts';
import type { ApiPlace } from '../domain/ids.ts';
import type { Incident, IncidentFacts, IncidentKind } from '../domain/incident.ts';
import type { Clock } from '../ports/clock.ts';
import type { Origin } from '../ports/origin.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';

interface Open {
  readonly incident: Incident;
  readonly startedMs: number;
}

/** A disk that is full for long is told of in the log; not all of that has to be in the database later. */
const MAX_UNKEPT = 100;

/**
 * What lasts and is for a person to know. Each is told when it begins and when it is over; in between it stands in
 * `/health` and in a gauge. Kept in memory: what still holds after a restart is soon found again.
 */
export class Incidents {
  readonly #store: Pick<Store, 'append'>;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  /** At most one of each kind at each place. */
  readonly #open = new Map<string, Open>();
  /** Told, and not in the database yet. */
  #unkept: IncidentEvent[] = [];
  #writing = Promise.resolve(true);

  constructor(parts: {
    readonly store: Pick<Store, 'append'>;
    readonly clock: Clock;
    readonly recorder: Recorder;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#recorder = parts.recorder;
  }

  /** Oldest first. */
  active(): readonly Incident[] {
    return [...this.#open.values()].map(({ incident }) => incident);
  }

  /** Begins an incident; where it has begun, brings its figures up to date and tells nobody again. */
  async raise(facts: IncidentFacts, place?: ApiPlace, origin?: Origin): Promise<void> {
    const key = keyOf(facts.kind, place);
    const known = this.#open.get(key);
    const at = this.#clock.now();
    const startedMs = known?.startedMs ?? this.#clock.monotonicMs();
    const since = known?.incident.since ?? at;
    this.#open.set(key, { incident: { facts, place, since }, startedMs });
    if (!known)
      await this.#tell({ kind: 'incident_raised', at, incident: facts, ...place }, origin);
  }

  async clear(kind: IncidentKind, place?: ApiPlace, origin?: Origin): Promise<void> {
    const key = keyOf(kind, place);
    const known = this.#open.get(key);
    if (!known) return;
    this.#open.delete(key);
    const lastedMs = this.#clock.monotonicMs() - known.startedMs;
    const incident = known.incident.facts;
    const at = this.#clock.now();
    await this.#tell({ kind: 'incident_cleared', at, incident, lastedMs, ...place }, origin);
  }

  /** Keeps what a failing database did not take. That it takes it now is the end of that incident. */
  async catchUp(): Promise<void> {
    if (this.#unkept.length === 0) return;
    if (await this.#keep()) await this.clear('store_failing');
  }

  /**
   * Said first, then kept: whoever tells of an incident is in the middle of looking after machines, and goes on although
   * the database takes nothing, which is an incident of its own.
   */
  async #tell(event: IncidentEvent, origin?: Origin): Promise<void> {
    this.#recorder.event(event, origin);
    this.#unkept.push(event);
    if (this.#unkept.length > MAX_UNKEPT) this.#unkept.shift();
    if (this.#open.has(keyOf('store_failing', undefined))) return;
    if (!(await this.#keep())) await this.raise({ kind: 'store_failing' });
  }

  /** One write after the other, so that nothing is kept twice. False when the database took nothing. */
  #keep(): Promise<boolean> {
    this.#writing = this.#writing.then(async () => {
      const late = [...this.#unkept];
      if (late.length === 0) return true;
      try {
        await this.#store.append(late);
      } catch {
        return false;
      }
      this.#unkept = this.#unkept.filter((event) => !late.includes(event));
      return true;
    });
    return this.#writing;
  }
}

function keyOf(kind: IncidentKind, place: ApiPlace | undefined): string {
  return `${kind} ${place?.api ?? ''}`;
}
