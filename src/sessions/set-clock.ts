import { type EpochMs, MINUTE_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';

/** By less than this a clock is put right every day; and so few settings are remembered. */
const SET_BY_MS = MINUTE_MS;

interface Setting {
  /** Of the monotonic clock. */
  readonly aheadMs: number;
  readonly sinceMs: number;
}

/**
 * Asked again and again, says what time it is by the earliest setting that the wall clock has had in the last so many milliseconds
 * of monotonic time: a jump forward that is taken back meanwhile was never believed, and one that stays, as after a sleep, is believed
 * then. Undefined for as long after the first time that it is made: a process may start with a wrong clock.
 */
export function believedTime(clock: Clock, believedAfterMs: number): () => EpochMs | undefined {
  const unknown: Setting = { aheadMs: Number.NEGATIVE_INFINITY, sinceMs: clock.monotonicMs() };
  let settings = [unknown, settingOf(clock)];
  return () => {
    const latest = settingOf(clock);
    settings = stillDoubted(withSetting(settings, latest), latest.sinceMs - believedAfterMs);
    const [earliest = latest] = settings;
    return earliest === unknown ? undefined : latest.sinceMs + earliest.aheadMs;
  };
}

function settingOf(clock: Clock): Setting {
  const sinceMs = clock.monotonicMs();
  return { aheadMs: clock.now() - sinceMs, sinceMs };
}

/** Each is further ahead than the one before it: what was set back from counts no more. */
function withSetting(settings: readonly Setting[], latest: Setting): Setting[] {
  const lower = settings.filter(({ aheadMs }) => aheadMs < latest.aheadMs);
  const takenBack = settings[lower.length];
  const before = lower.at(-1);
  if (takenBack) return [...lower, { ...latest, sinceMs: takenBack.sinceMs }];
  const isNews = before === undefined || latest.aheadMs - before.aheadMs > SET_BY_MS;
  return isNews ? [...lower, latest] : lower;
}

/** A setting counts until the one after it has stood for long enough. */
function stillDoubted(settings: readonly Setting[], believedSinceMs: number): Setting[] {
  const believed = settings.findLastIndex(({ sinceMs }) => sinceMs <= believedSinceMs);
  return settings.slice(Math.max(0, believed));
}
