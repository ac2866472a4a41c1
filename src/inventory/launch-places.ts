import type { Experience } from '../domain/odds/own-chance.ts';
import { LEVELS, type Level, modelKey, type Place, sharedLevel } from '../domain/odds/place.ts';
import type { Offer } from '../domain/offer.ts';
import type { EpochMs } from '../domain/time.ts';
import { Crossing } from './crossing.ts';
import { type Entry, Spot } from './spot.ts';

/** Launches by every level of the place where they were made. */
export class LaunchPlaces<Launch extends Experience> {
  readonly #byLevel: Readonly<Record<Level, Map<string, Spot<Launch>>>> = {
    offer: new Map(),
    machine: new Map(),
    host: new Map(),
    model: new Map(),
    site: new Map(),
  };
  readonly #entries = new Map<Launch, Entry<Launch>>();
  #lastNumber = 0;
  /** What was made of them for one moment; it goes with any change. */
  #moment: Moment<Launch> | undefined;

  add(launch: Launch): void {
    const spots = LEVELS.map((level) => this.#makeSpot(level, launch.place[level]));
    this.#lastNumber += 1;
    const entry = {
      launch,
      number: this.#lastNumber,
      hasRun: launch.outcome.kind === 'ran',
      spots,
      weights: LEVELS.map(() => 0),
    };
    this.#entries.set(launch, entry);
    for (const spot of spots) spot?.add(entry);
    this.#moment = undefined;
  }

  remove(launch: Launch): void {
    const entry = this.#entries.get(launch);
    if (!entry) return;
    this.#entries.delete(launch);
    for (const spot of entry.spots) {
      if (!spot) continue;
      spot.remove(entry);
      const key = launch.place[spot.level];
      if (spot.entries.length === 0 && key !== undefined) this.#byLevel[spot.level].delete(key);
    }
    this.#moment = undefined;
  }

  at(level: Level, key: string): readonly Launch[] {
    return this.#spot(level, key)?.launches ?? [];
  }

  /** Every place of the level with at least one launch. */
  spotsOf(level: Level): ReadonlyMap<string, Spot<Launch>> {
    return this.#byLevel[level];
  }

  /** Launches that share a level with the place, each once. */
  near(place: Place): readonly Launch[] {
    return LEVELS.flatMap((level) =>
      (this.#spot(level, place[level])?.latest ?? [])
        .map(({ launch }) => launch)
        .filter((launch) => sharedLevel(place, launch.place) === level),
    );
  }

  /**
   * What is believed of a launch of the offer by the launches {@link near} it, as `chanceAt` has it; undefined where there are
   * none. Made for thousands of offers at one moment, of which most are where something else is, too.
   */
  chanceOf(offer: Offer, now: EpochMs): number | undefined {
    const moment = this.#momentAt(now);
    const { id, machineId, hostId, siteId } = offer;
    let crossing = moment.nowhere;
    if (siteId !== undefined) crossing = this.#modelCrossing(siteId, offer.gpuType, moment);
    const host = hostId === undefined ? undefined : this.#byLevel.host.get(hostId);
    if (host) crossing = crossing.with(host);
    const machine = machineId === undefined ? undefined : this.#byLevel.machine.get(machineId);
    if (machine) crossing = crossing.with(machine);
    const own = this.#byLevel.offer.get(id);
    if (own) crossing = crossing.alone(own);
    return crossing === moment.nowhere
      ? undefined
      : crossing.chanceOf(offer.availabilityConfidence);
  }

  #momentAt(now: EpochMs): Moment<Launch> {
    if (this.#moment?.now !== now) {
      this.#moment = { now, nowhere: new Crossing(now), byModel: new Map() };
    }
    return this.#moment;
  }

  /** Kept by the two parts of its name: to put these together would take longer than all the rest. */
  #modelCrossing(
    siteId: string,
    gpuType: string,
    { nowhere, byModel }: Moment<Launch>,
  ): Crossing<Launch> {
    const models = byModel.get(siteId) ?? new Map<string, Crossing<Launch>>();
    const known = models.get(gpuType);
    if (known) return known;
    byModel.set(siteId, models);
    const site = this.#byLevel.site.get(siteId);
    const model = this.#byLevel.model.get(modelKey(siteId, gpuType));
    const atSite = site ? nowhere.with(site) : nowhere;
    const made = model ? atSite.with(model) : atSite;
    models.set(gpuType, made);
    return made;
  }

  #spot(level: Level, key: string | undefined): Spot<Launch> | undefined {
    return key === undefined ? undefined : this.#byLevel[level].get(key);
  }

  #makeSpot(level: Level, key: string | undefined): Spot<Launch> | undefined {
    if (key === undefined) return undefined;
    const known = this.#byLevel[level].get(key);
    if (known) return known;
    const made = new Spot<Launch>(level);
    this.#byLevel[level].set(key, made);
    return made;
  }
}

interface Moment<Launch extends Experience> {
  readonly now: EpochMs;
  readonly nowhere: Crossing<Launch>;
  /** By site, and by the name of the model. */
  readonly byModel: Map<string, Map<string, Crossing<Launch>>>;
}
