import { type EpochMs, MINUTE_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClockHistory, ClockSetting } from '../ports/store.ts';

/** By less than this a clock is put right every day; and so few settings are remembered. */
const SET_BY_MS = MINUTE_MS;

/** A process may start with a wrong clock. */
const UNKNOWN: ClockSetting = { aheadMs: Number.MIN_SAFE_INTEGER, sinceMs: 0 };

export interface BelievedTime {
  /** Undefined until something is known. */
  now(): EpochMs | undefined;
  /** As of the last time that it was asked. */
  history(): ClockHistory;
}

/**
 * Asked again and again, says what time it is by the earliest setting that the wall clock has had in the last so many milliseconds in
 * which a process ran: a jump forward that is taken back meanwhile was never believed, and one that stays is believed then. The time in
 * which the machine slept, or no process was there, is such a jump.
 */
export function believedTime(
  clock: Clock,
  believedAfterMs: number,
  former: ClockHistory = { upMs: 0, settings: [UNKNOWN] },
): BelievedTime {
  const beganMs = clock.monotonicMs();
  let history = former;
  return {
    now: () => {
      const upMs = former.upMs + clock.monotonicMs() - beganMs;
      const latest = { aheadMs: clock.now() - upMs, sinceMs: upMs };
      const settings = withSetting(history.settings, latest);
      history = { upMs, settings: stillDoubted(settings, upMs - believedAfterMs) };
      const [{ aheadMs } = latest] = history.settings;
      return aheadMs === UNKNOWN.aheadMs ? undefined : upMs + aheadMs;
    },
    history: () => history,
  };
}

/** Each is further ahead than the one before it: what was set back from counts no more. */
function withSetting(
  settings: readonly ClockSetting[],
  latest: ClockSetting,
): readonly ClockSetting[] {
  const lower = settings.filter(({ aheadMs }) => aheadMs < latest.aheadMs);
  const takenBack = settings[lower.length];
  const before = lower.at(-1);
  if (takenBack) return [...lower, { ...latest, sinceMs: takenBack.sinceMs }];
  const isNews = before === undefined || latest.aheadMs - before.aheadMs > SET_BY_MS;
  return isNews ? [...lower.filter(hasStoodAt(latest.sinceMs)), latest] : lower;
}

/** Processes that end before their second look would leave one each; the first is the one that is believed. */
function hasStoodAt(upMs: number): (setting: ClockSetting, index: number) => boolean {
  return ({ sinceMs }, index) => index === 0 || sinceMs < upMs;
}

/** A setting counts until the one after it has stood for long enough. */
function stillDoubted(
  settings: readonly ClockSetting[],
  believedSinceMs: number,
): readonly ClockSetting[] {
  const believed = settings.findLastIndex(({ sinceMs }) => sinceMs <= believedSinceMs);
  return settings.slice(Math.max(0, believed));
}
