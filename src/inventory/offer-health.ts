import type { OfferId, ProviderApi, ProviderName } from '../domain/ids.ts';
import type { FailureCode } from '../domain/instance.ts';
import { roundedShare } from '../domain/odds/estimate.ts';
import { forgottenAt } from '../domain/odds/holding.ts';
import { chanceAt } from '../domain/odds/own-chance.ts';
import { LEVELS, type Level, NOWHERE, type Place, placeOf } from '../domain/odds/place.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Shelf } from './shelf.ts';
import type { Launch, TrackRecord } from './track-record.ts';

export interface HealthQuery {
  /** What bears on this offer, whether or not it is on the menu. */
  readonly offerId?: OfferId;
  readonly provider?: ProviderName;
  readonly limit: number;
  readonly offset: number;
}

/** What is held against one place, and what is believed of a launch there now. */
export interface HeldAgainst {
  readonly level: Level;
  readonly key: string;
  readonly provider: ProviderName;
  /** Where all launches there were of one. */
  readonly gpuType?: string;
  /** Of a launch at an offer there of which nothing more is known, with and without experience. 0 to 1. */
  readonly confidence: number;
  readonly prior: number;
  /** Launches that are remembered. */
  readonly failures: number;
  readonly successes: number;
  readonly lastFailure: { readonly code: FailureCode | undefined; readonly at: EpochMs };
  /** Until then it is not on the menu at all. */
  readonly heldUntil?: EpochMs;
  /** When next to nothing is left of it. */
  readonly forgottenAt: EpochMs;
}

export interface HealthPage {
  readonly rows: readonly HeldAgainst[];
  readonly total: number;
}

export interface OfferHealth {
  /** The latest failure first. */
  page(query: HealthQuery): HealthPage;
}

/** Reads the record for people: nothing is decided here. */
export function offerHealthOf(parts: {
  readonly record: TrackRecord;
  readonly shelf: Shelf;
  readonly clock: Clock;
}): OfferHealth {
  return {
    page: ({ offerId, provider, limit, offset }) => {
      const place = offerId === undefined ? undefined : placeNamed(offerId, parts);
      const rows = heldAgainst({ ...parts, now: parts.clock.now() })
        .filter((row) => provider === undefined || row.provider === provider)
        .filter((row) => place === undefined || place[row.level] === row.key)
        .toSorted(byLastFailure);
      return { rows: rows.slice(offset, offset + limit), total: rows.length };
    },
  };
}

/** Of an offer that nobody knows its id is all that there is. */
function placeNamed(
  offerId: OfferId,
  { record, shelf }: { readonly record: TrackRecord; readonly shelf: Shelf },
): Place {
  const listed = shelf.listed(offerId);
  return listed ? placeOf(listed) : (record.lastPlaceOf(offerId) ?? { ...NOWHERE, offer: offerId });
}

interface Reading {
  readonly record: TrackRecord;
  readonly shelf: Shelf;
  readonly now: EpochMs;
}

function heldAgainst(reading: Reading): readonly HeldAgainst[] {
  const { record, shelf, now } = reading;
  const held = { machine: record.hiddenMachines(now), offer: shelf.withdrawn() } as const;
  return [...record.places()].flatMap(([level, key, launches]) => {
    const failures = launches.filter(({ outcome }) => outcome.kind !== 'ran');
    const outcomes = launches.map(({ outcome }) => outcome);
    const forgotten = forgottenAt(level, outcomes, now);
    const [last] = failures.toSorted((left, right) => right.outcome.at - left.outcome.at);
    if (!last || forgotten === undefined) return [];
    const heldUntil = level === 'machine' || level === 'offer' ? held[level].get(key) : undefined;
    const gpuTypes = new Set(launches.map(({ gpuType }) => gpuType));
    return [
      {
        ...{ level, key, provider: last.provider },
        ...(gpuTypes.size === 1 ? { gpuType: last.gpuType } : {}),
        ...beliefAt(level, last, reading),
        failures: failures.length,
        successes: launches.length - failures.length,
        lastFailure: { code: last.outcome.code, at: last.outcome.at },
        ...(heldUntil === undefined ? {} : { heldUntil }),
        forgottenAt: Math.max(forgotten, heldUntil ?? 0),
      },
    ];
  });
}

/** As of an offer that shares this level and the more general ones with the launch, and none that is more telling. */
function beliefAt(
  level: Level,
  launch: Launch,
  { record, now }: Reading,
): Pick<HeldAgainst, 'confidence' | 'prior'> {
  const { prior, api } = launch;
  const telling = LEVELS.slice(0, LEVELS.indexOf(level));
  const unknown = Object.fromEntries(telling.map((one) => [one, undefined]));
  const place: Place = { ...launch.place, ...unknown };
  const own = chanceAt(place, prior, { near: record.near(place), now });
  return { prior, confidence: roundedShare(corrected(own, api, { record, now })) };
}

function corrected(
  own: number,
  api: ProviderApi,
  { record, now }: Pick<Reading, 'record' | 'now'>,
): number {
  const correction = record.correctionAt(api, now);
  return correction ? correction(own) : own;
}

function byLastFailure(left: HeldAgainst, right: HeldAgainst): number {
  return (
    right.lastFailure.at - left.lastFailure.at ||
    LEVELS.indexOf(left.level) - LEVELS.indexOf(right.level) ||
    (left.key < right.key ? -1 : 1)
  );
}
