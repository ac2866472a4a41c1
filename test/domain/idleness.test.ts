import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  idleDeadline,
  idleMinutes,
  isEnding,
  isIdleTooLong,
  type Listening,
  recordWork,
  tellsOfWork,
  type WorkReport,
} from '../../src/domain/idleness.ts';
import type { Transition } from '../../src/domain/lifecycle/change.ts';
import { extendTo } from '../../src/domain/lifecycle/ending.ts';
import { SESSION_STATUSES, type Session } from '../../src/domain/session.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { request, START, session } from '../support/builders.ts';

const WORK: WorkReport = { isBusy: true, gpuUtilizationPercent: undefined };
const NO_WORK: WorkReport = { isBusy: false, gpuUtilizationPercent: undefined };
const POLICY = {
  heartbeatGapMs: 5 * MINUTE_MS,
  idleCheckMs: MINUTE_MS,
  idleGraceMs: 5 * MINUTE_MS,
};
const GAP_MS = POLICY.heartbeatGapMs;
const LISTENING: Listening = { policy: POLICY, isUnbroken: true };
const running = { status: 'running', runningAt: START } as const;

/** Said without a break. */
function said(report: WorkReport, at: EpochMs): Transition {
  return recordWork(report, at, LISTENING);
}

describe('a report', () => {
  it.each([
    [undefined, undefined, true],
    [true, undefined, true],
    [false, undefined, false],
    [undefined, 0, false],
    [undefined, 5, false],
    [undefined, 5.1, true],
    [true, 0, true],
    [false, 100, true],
    [false, 3, false],
  ])('that says busy %s and utilization %s tells of work: %s', (isBusy, percent, isWork) => {
    expect(tellsOfWork({ isBusy, gpuUtilizationPercent: percent })).toBe(isWork);
  });

  it('of work is written down with its time, and nothing else changes', () => {
    const before = session(running);
    expect(said(WORK, START + HOUR_MS)(before)).toEqual({
      session: { ...before, lastActiveAt: START + HOUR_MS },
      events: [],
    });
  });

  it('that follows soon on another costs no write', () => {
    const before = session({ ...running, lastActiveAt: START });
    expect(said(WORK, START + 10 * SECOND_MS - 1)(before)).toBeUndefined();
    expect(said(WORK, START + 10 * SECOND_MS)(before)).toBeDefined();
  });

  it('of no work counts from the start at first, and changes nothing after that', () => {
    const first = said(NO_WORK, START + HOUR_MS)(session(running));
    expect(first?.session.lastActiveAt).toBe(START);
    const later = session({ ...running, lastActiveAt: START + MINUTE_MS });
    expect(said(NO_WORK, START + HOUR_MS)(later)).toBeUndefined();
  });

  it('of a machine that boots is kept when it tells of work', () => {
    expect(said(NO_WORK, START)(session())).toBeUndefined();
    expect(said(WORK, START)(session())?.session.lastActiveAt).toBe(START);
  });

  it('is believed after the clock was set back', () => {
    const ahead = session({ ...running, lastActiveAt: START + HOUR_MS });
    expect(said(WORK, START + MINUTE_MS)(ahead)?.session.lastActiveAt).toBe(START + MINUTE_MS);
  });

  it('changes nothing of a session that ends or has ended', () => {
    for (const status of ['stopped', 'failed'] as const) {
      expect(said(WORK, START + HOUR_MS)(session({ ...running, status }))).toBeUndefined();
    }
    const stopping = session({ ...running, stopAskedAt: START });
    expect(said(WORK, START + HOUR_MS)(stopping)).toBeUndefined();
  });
});

it('a session ends from the wish to end on, in whatever status', () => {
  expect(SESSION_STATUSES.filter((status) => isEnding(session({ status })))).toEqual([
    'stopped',
    'failed',
  ]);
  expect(isEnding(session({ status: 'provisioning', stopAskedAt: START }))).toBe(true);
});

describe('idle minutes', () => {
  it('are whole ones since the last work, or since the session runs', () => {
    const at = START + 90 * MINUTE_MS - 1;
    expect(idleMinutes(session(running), at)).toBe(89);
    expect(idleMinutes(session({ ...running, lastActiveAt: START + HOUR_MS }), at)).toBe(29);
  });

  it('are none before the session runs, and none where work lies ahead of the clock', () => {
    expect(idleMinutes(session({ lastActiveAt: START }), START + HOUR_MS)).toBe(0);
    expect(idleMinutes(session({ ...running, lastActiveAt: START + HOUR_MS }), START)).toBe(0);
  });

  it('do not count what was done while the machine booted as idleness since then', () => {
    const late = session({ runningAt: START + HOUR_MS, lastActiveAt: START });
    expect(idleMinutes(late, START + HOUR_MS + 5 * MINUTE_MS)).toBe(5);
  });
});

describe('a threshold', () => {
  const THRESHOLD_MS = 30 * MINUTE_MS;
  const watched = session({ ...running, request: request({ idleThresholdMinutes: 30 }) });

  interface Word {
    readonly minute: number;
    readonly report: WorkReport;
  }

  /** The session after all that was said to it, and whether it is idle for too long then. */
  function told(words: readonly Word[], start: Session = watched) {
    let known = start;
    for (const { minute, report } of words) known = heard(known, minute, report);
    return { known, isOver: isOver(known, words.at(-1)?.minute ?? 0) };
  }

  function heard(known: Session, minute: number, report: WorkReport): Session {
    return said(report, START + minute * MINUTE_MS)(known)?.session ?? known;
  }

  function isOver(known: Session, minute: number): boolean {
    return isIdleTooLong(known, { now: START + minute * MINUTE_MS, gapMs: GAP_MS });
  }

  const quiet = (from: number, to: number): readonly Word[] =>
    Array.from({ length: to - from + 1 }, (_, at) => ({ minute: from + at, report: NO_WORK }));

  it('is reached when the agent has said all along that there is no work, from its first word', () => {
    expect(told(quiet(1, 30)).isOver).toBe(false);
    expect(told(quiet(1, 31)).isOver).toBe(true);
    expect(told(quiet(20, 49)).isOver).toBe(false);
    expect(told(quiet(20, 50)).isOver).toBe(true);
  });

  it('is not reached by silence, however long', () => {
    const { known } = told([{ minute: 1, report: NO_WORK }]);
    for (const minute of [5, 31, 32, 300]) expect(isOver(known, minute)).toBe(false);
    expect(isOver(watched, 300)).toBe(false);
  });

  it('counts anew after one word of work, or one that says nothing, however short before the end', () => {
    for (const report of [WORK, { isBusy: undefined, gpuUtilizationPercent: undefined }]) {
      const words = [...quiet(1, 29), { minute: 30, report }];
      expect(told([...words, ...quiet(31, 60)]).isOver).toBe(false);
      expect(told([...words, ...quiet(31, 61)]).isOver).toBe(true);
    }
  });

  it('counts anew after a word of work that came with others in the same second', () => {
    const { known } = told([{ minute: 0, report: WORK }, ...quiet(1, 29)]);
    const soon = START + 29 * MINUTE_MS + SECOND_MS;
    const again = said(WORK, soon)(said(NO_WORK, soon)(known)?.session ?? known)?.session;
    expect(again).toBeDefined();
    expect(again && told(quiet(30, 59), again).isOver).toBe(false);
  });

  it('bears a silence as long as the gap, and counts anew after a longer one', () => {
    expect(told([...quiet(1, 20), ...quiet(25, 31)]).isOver).toBe(true);
    expect(told([...quiet(1, 20), ...quiet(26, 55)]).isOver).toBe(false);
    expect(told([...quiet(1, 20), ...quiet(26, 56)]).isOver).toBe(true);
  });

  it('is no longer reached when the word that reached it is an old one', () => {
    const { known, isOver: isReached } = told(quiet(1, 31));
    expect(isReached).toBe(true);
    expect(isOver(known, 36)).toBe(true);
    expect(isOver(known, 36.1)).toBe(false);
  });

  it('counts anew where something that was said may be missing', () => {
    const { known } = told(quiet(1, 30));
    const at = START + 31 * MINUTE_MS;
    const broken = recordWork(NO_WORK, at, { ...LISTENING, isUnbroken: false })(known)?.session;
    expect(broken?.idleSince).toBe(at);
  });

  it('counts anew after an extension', () => {
    const { known } = told(quiet(1, 31));
    const extended = extendTo(known.expiresAt + HOUR_MS, START)(known)?.session ?? known;
    expect(isOver(extended, 31)).toBe(false);
    expect(told(quiet(32, 61), extended).isOver).toBe(false);
    expect(told(quiet(32, 62), extended).isOver).toBe(true);
  });

  it('is off at 0, and nothing is counted while the machine boots', () => {
    expect(told(quiet(1, 300), session(running)).known.idleSince).toBeUndefined();
    const booting = session({ request: watched.request });
    expect(told(quiet(1, 300), booting).known).toEqual(booting);
  });

  it('comes early, or late, by no more than a clock was set within the gap', () => {
    for (const byMinutes of [4, -4]) {
      const words = [...quiet(1, 20), ...quiet(20 + byMinutes, 40)];
      const reachedAt = words.findIndex((_, end) => told(words.slice(0, end + 1)).isOver);
      expect(words[reachedAt]?.minute).toBe(31);
    }
  });

  it('counts anew when a clock was set by more than that, either way', () => {
    expect(told([...quiet(1, 20), ...quiet(200, 229)]).isOver).toBe(false);
    expect(told([...quiet(201, 220), ...quiet(20, 49)]).isOver).toBe(false);
    expect(told([...quiet(201, 220), ...quiet(20, 50)]).isOver).toBe(true);
  });

  it('is reached exactly when a look back over all that was said finds no work and no gap', () => {
    const trace = fc.array(
      fc.record({
        afterMs: fc.oneof(
          fc.integer({ min: 1, max: 60_000 }),
          fc.integer({ min: 60_000, max: GAP_MS + 20_000 }),
        ),
        isWork: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.boolean()),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(trace, (words) => {
        let known = watched;
        let at = START;
        const spoken: Spoken[] = [];
        for (const { afterMs, isWork } of words) {
          at += afterMs;
          spoken.push({ at, isWork });
          known = said(isWork ? WORK : NO_WORK, at)(known)?.session ?? known;
          const isReached = isIdleTooLong(known, { now: at, gapMs: GAP_MS });
          expectAsLookedBack(spoken, isReached, THRESHOLD_MS);
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** What is kept is known to within this. */
const GRAIN_MS = 10 * SECOND_MS;

interface Spoken {
  readonly at: number;
  readonly isWork: boolean;
}

/** Never sooner than the words bear out; and no later than the grain of what is kept makes it. */
function expectAsLookedBack(
  spoken: readonly Spoken[],
  isReached: boolean,
  thresholdMs: number,
): void {
  const saidForMs = quietForMs(spoken, GAP_MS);
  if (isReached) expect(saidForMs).toBeGreaterThanOrEqual(thresholdMs);
  if (saidForMs >= thresholdMs + 4 * GRAIN_MS && isBrisk(spoken)) expect(isReached).toBe(true);
}

/** How long, up to the last word, there has been no word of work and no silence longer than the gap. */
function quietForMs(spoken: readonly Spoken[], gapMs: number): number {
  const last = spoken.at(-1)?.at ?? 0;
  let since = last;
  for (const { at, isWork } of spoken.toReversed()) {
    if (isWork || since - at > gapMs) break;
    since = at;
  }
  return last - since;
}

/** No silence is so near the gap that the grain of what is kept makes it one. */
function isBrisk(spoken: readonly Spoken[]): boolean {
  return spoken.every(
    ({ at }, index) => at - (spoken[index - 1]?.at ?? START) < GAP_MS - 2 * GRAIN_MS,
  );
}

describe('the idle deadline', () => {
  const watched = { request: request({ idleThresholdMinutes: 30 }) };

  it('is the threshold after the agent began to tell of no work, or after now', () => {
    const now = START + HOUR_MS;
    const idle = session({ ...running, ...watched, idleSince: START + MINUTE_MS });
    expect(idleDeadline(idle, now)).toBe(START + 31 * MINUTE_MS);
    expect(idleDeadline(session({ ...running, ...watched }), now)).toBe(now + 30 * MINUTE_MS);
  });

  it('is none without a threshold, and none before the session runs', () => {
    expect(idleDeadline(session(running), START)).toBeUndefined();
    expect(idleDeadline(session(watched), START)).toBeUndefined();
  });
});
