import { describe, expect, test } from 'vitest';
import type { FailureCode } from '../../../src/domain/instance.ts';
import {
  EARLY_DEATH_MS,
  FAULTS,
  type Order,
  outcomeOf,
  type Tried,
} from '../../../src/domain/odds/outcome.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import { instance, START } from '../../support/builders.ts';

const LOGIN: Order = { workload: { kind: 'ssh' } };
const SERVER: Order = { workload: { kind: 'entrypoint', image: 'example/server', ports: [8000] } };
const TEMPLATE: Order = { workload: { kind: 'ssh', template: { hashId: '0a1b2c' } } };
const CODES = Object.keys(FAULTS).filter((code): code is FailureCode => code in FAULTS);

function launched(fields: Partial<Tried> = {}): Tried {
  return instance({ state: 'gone', launchAttempts: 1, launchedAt: START + 5_000, ...fields });
}

function failed(code: FailureCode, fields: Partial<Tried> = {}): Tried {
  return launched({ failure: { code, message: '' }, ...fields });
}

/** Of a launch that failed before it served, by code: what it counts as for a login, for a server, and for a template. */
const COUNTS: Readonly<Record<FailureCode, readonly [string, string, string]>> = {
  no_capacity: ['gone', 'nothing', 'gone'],
  not_found: ['gone', 'nothing', 'gone'],
  never_ready: ['broken', 'nothing', 'nothing'],
  instance_failed: ['broken', 'nothing', 'nothing'],
  instance_stopped: ['broken', 'nothing', 'nothing'],
  instance_lost: ['broken', 'broken', 'broken'],
  host_offline: ['broken', 'broken', 'broken'],
  wrong_machine: ['broken', 'broken', 'broken'],
  no_driver: ['broken', 'broken', 'broken'],
  invalid: ['nothing', 'nothing', 'nothing'],
  image_unavailable: ['nothing', 'nothing', 'nothing'],
  price_changed: ['nothing', 'nothing', 'nothing'],
  outbid: ['nothing', 'nothing', 'nothing'],
  contract_expired: ['nothing', 'nothing', 'nothing'],
  out_of_credit: ['nothing', 'nothing', 'nothing'],
  insufficient_funds: ['nothing', 'nothing', 'nothing'],
  unauthorized: ['nothing', 'nothing', 'nothing'],
  rate_limited: ['nothing', 'nothing', 'nothing'],
  unavailable: ['nothing', 'nothing', 'nothing'],
  malformed: ['nothing', 'nothing', 'nothing'],
  launch_unconfirmed: ['nothing', 'nothing', 'nothing'],
};

describe('a launch that failed before it served', () => {
  test.each(CODES)('with %s is held against whom the table says', (code) => {
    const counted = [LOGIN, SERVER, TEMPLATE].map(
      (order) => outcomeOf(failed(code), order)?.kind ?? 'nothing',
    );
    expect(counted).toStrictEqual(COUNTS[code]);
  });

  test('says nothing where nobody was asked', () => {
    expect(outcomeOf(failed('no_capacity', { launchAttempts: 0 }), LOGIN)).toBeUndefined();
  });

  test('says nothing of the offer where it was refused a bid', () => {
    expect(outcomeOf(failed('no_capacity', { bidPerHour: 200_000 }), LOGIN)).toBeUndefined();
  });

  test('says nothing where the caller waited for less than others would', () => {
    const hasty = { ...LOGIN, readyTimeoutMs: MINUTE_MS };
    expect(outcomeOf(failed('never_ready'), hasty)).toBeUndefined();
    expect(outcomeOf(failed('wrong_machine'), hasty)?.kind).toBe('broken');
    const patient = { ...LOGIN, readyTimeoutMs: 10 * MINUTE_MS };
    expect(outcomeOf(failed('never_ready'), patient)?.kind).toBe('broken');
  });

  test('failed when it was to end, and not when it was decided', () => {
    const at = START + 4 * MINUTE_MS;
    expect(outcomeOf(failed('never_ready', { terminateAskedAt: at }), LOGIN)?.at).toBe(at);
  });
});

describe('a launch that served', () => {
  const runningAt = START + MINUTE_MS;

  test('is a success from then on', () => {
    expect(outcomeOf(launched({ runningAt }), SERVER)).toStrictEqual({
      kind: 'ran',
      at: runningAt,
    });
  });

  test.each(CODES)(
    'and was lost with %s within minutes is a failure if it was the machine',
    (code) => {
      const died = failed(code, { runningAt, troubledAt: runningAt + EARLY_DEATH_MS - 1 });
      const fault = FAULTS[code];
      expect(outcomeOf(died, LOGIN)?.kind).toBe(fault.startsWith('machine') ? 'broken' : 'ran');
      // What ends by itself on one machine does so on every other.
      expect(outcomeOf(died, SERVER)?.kind).toBe(fault === 'machine' ? 'broken' : 'ran');
    },
  );

  test('and was lost later stays a success', () => {
    const lost = failed('instance_lost', { runningAt, goneAt: runningAt + EARLY_DEATH_MS });
    expect(outcomeOf(lost, LOGIN)?.kind).toBe('ran');
  });

  test('and was ended by its consumer at once stays a success', () => {
    const ended = launched({ runningAt, terminateAskedAt: runningAt + 1_000 });
    expect(outcomeOf(ended, LOGIN)?.kind).toBe('ran');
  });

  test('and was kept stays a success whatever becomes of its resumption', () => {
    const resumed = failed('no_capacity', { resumedAt: START + 60 * MINUTE_MS });
    expect(outcomeOf(resumed, LOGIN)).toStrictEqual({ kind: 'ran', at: START + 5_000 });
  });
});

test('a launch that is under way, or was ended by its consumer before it served, has no outcome', () => {
  expect(outcomeOf(launched(), LOGIN)).toBeUndefined();
  expect(outcomeOf(launched({ terminateAskedAt: START + 9_000 }), LOGIN)).toBeUndefined();
});

test('a second machine under the same tag says nothing', () => {
  expect(outcomeOf(failed('never_ready', { role: 'stray' }), LOGIN)).toBeUndefined();
});
