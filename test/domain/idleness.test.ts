import { describe, expect, it } from 'vitest';
import {
  idleDeadline,
  idleMinutes,
  isEnding,
  recordWork,
  tellsOfWork,
  type WorkReport,
} from '../../src/domain/idleness.ts';
import { SESSION_STATUSES } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { request, START, session } from '../support/builders.ts';

const WORK: WorkReport = { isBusy: true, gpuUtilizationPercent: undefined };
const NO_WORK: WorkReport = { isBusy: false, gpuUtilizationPercent: undefined };
const running = { status: 'running', runningAt: START } as const;

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
    expect(recordWork(WORK, START + HOUR_MS)(before)).toEqual({
      session: { ...before, lastActiveAt: START + HOUR_MS },
      events: [],
    });
  });

  it('that follows soon on another costs no write', () => {
    const before = session({ ...running, lastActiveAt: START });
    expect(recordWork(WORK, START + 10 * SECOND_MS - 1)(before)).toBeUndefined();
    expect(recordWork(WORK, START + 10 * SECOND_MS)(before)).toBeDefined();
  });

  it('of no work counts from the start at first, and changes nothing after that', () => {
    const first = recordWork(NO_WORK, START + HOUR_MS)(session(running));
    expect(first?.session.lastActiveAt).toBe(START);
    const later = session({ ...running, lastActiveAt: START + MINUTE_MS });
    expect(recordWork(NO_WORK, START + HOUR_MS)(later)).toBeUndefined();
  });

  it('of a machine that boots is kept when it tells of work', () => {
    expect(recordWork(NO_WORK, START)(session())).toBeUndefined();
    expect(recordWork(WORK, START)(session())?.session.lastActiveAt).toBe(START);
  });

  it('is believed after the clock was set back', () => {
    const ahead = session({ ...running, lastActiveAt: START + HOUR_MS });
    expect(recordWork(WORK, START + MINUTE_MS)(ahead)?.session.lastActiveAt).toBe(
      START + MINUTE_MS,
    );
  });

  it('changes nothing of a session that ends or has ended', () => {
    for (const status of ['stopped', 'failed'] as const) {
      expect(recordWork(WORK, START + HOUR_MS)(session({ ...running, status }))).toBeUndefined();
    }
    const stopping = session({ ...running, stopAskedAt: START });
    expect(recordWork(WORK, START + HOUR_MS)(stopping)).toBeUndefined();
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

describe('the idle deadline', () => {
  const watched = { request: request({ idleThresholdMinutes: 30 }) };

  it('is the threshold after the last work', () => {
    expect(idleDeadline(session({ ...running, ...watched }))).toBe(START + 30 * MINUTE_MS);
    const active = session({ ...running, ...watched, lastActiveAt: START + MINUTE_MS });
    expect(idleDeadline(active)).toBe(START + 31 * MINUTE_MS);
  });

  it('is none without a threshold, and none before the session runs', () => {
    expect(idleDeadline(session(running))).toBeUndefined();
    expect(idleDeadline(session(watched))).toBeUndefined();
  });
});
