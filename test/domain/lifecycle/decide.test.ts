import { describe, expect, test } from 'vitest';
import { isFinalInstance } from '../../../src/domain/instance.ts';
import { decide, hardLimitAt } from '../../../src/domain/lifecycle/decide.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { isTerminalStatus, type Session } from '../../../src/domain/session.ts';
import { HOUR_MS } from '../../../src/domain/time.ts';
import { allCases, NOW } from './decide-space.ts';
import { type Decided, decided, decidedIn, inState } from './decided-cases.ts';

const { all: ALL, broken } = decidedIn(allCases());

const wantsEnd = ({ session }: Decided): boolean => session.stopAskedAt !== undefined;
const sightingOf = ({ view }: Decided) => view.sightings[0];
const isSeen = (one: Decided): boolean => sightingOf(one)?.kind === 'seen';
const isOpen = ({ instance }: Decided): boolean => !isFinalInstance(instance.state);
const isDue = (session: Session): boolean =>
  session.expiresAt <= NOW || (hardLimitAt(session, DEFAULT_POLICY) ?? Number.MAX_VALUE) <= NOW;

describe(`over all ${ALL.length} cases`, () => {
  test('a launch is called only for an intent, while nobody wants the end', () => {
    expect(
      broken(decided('launch'), (one) => one.instance.state === 'intended' && !wantsEnd(one)),
    ).toBeUndefined();
  });

  test('no other attempt is made while one is open or after the end was asked for', () => {
    expect(
      broken(
        decided('next_attempt'),
        (one) => !isOpen(one) && !wantsEnd(one) && !isTerminalStatus(one.session.status),
      ),
    ).toBeUndefined();
  });

  test('an intent of a session that is to end is dropped and never launched, unless its tag is there', () => {
    const isMeant = (one: Decided) => wantsEnd(one) && inState('intended')(one);
    expect(broken((one) => isMeant(one) && !isSeen(one), decided('drop_intent'))).toBeUndefined();
    expect(broken((one) => isMeant(one) && isSeen(one), decided('adopt'))).toBeUndefined();
  });

  test('an intent is never launched while its tag is listed', () => {
    expect(broken(decided('launch'), (one) => !isSeen(one))).toBeUndefined();
  });

  test('an inherited intent is launched only when two lists have shown that its tag is not there', () => {
    expect(
      broken(
        (one) => decided('launch')(one) && one.view.isInherited,
        ({ view: { sightings, isNothingForgotten } }) =>
          isNothingForgotten && sightings.every((one) => one.kind === 'absent' && one.isProven),
      ),
    ).toBeUndefined();
  });

  test('a launch that a step finds under way died with its process: its outcome is unknown', () => {
    expect(
      broken(
        (one) => inState('launching')(one) && one.decision.kind !== 'begin_stop',
        decided('mark_unsettled'),
      ),
    ).toBeUndefined();
  });

  test('an unsettled launch is only adopted, written off or waited for', () => {
    expect(
      broken(inState('unsettled'), decided('adopt', 'write_off', 'rest', 'begin_stop')),
    ).toBeUndefined();
  });

  test('an unsettled launch is adopted as soon as its tag is seen, also by a session that is to end', () => {
    expect(
      broken(
        (one) =>
          inState('unsettled')(one) &&
          sightingOf(one)?.kind === 'seen' &&
          one.decision.kind !== 'begin_stop',
        decided('adopt'),
      ),
    ).toBeUndefined();
  });

  test('an unsettled launch is written off only on lists that had to show it, and more than one', () => {
    expect(
      broken(decided('write_off'), (one) => {
        const sighting = sightingOf(one);
        return inState('unsettled')(one) && sighting?.kind === 'absent' && sighting.isProven;
      }),
    ).toBeUndefined();
  });

  test('an instance is ended only for a reason that is written down: the wish, the failure, or a better attempt', () => {
    expect(
      broken(
        decided('terminate'),
        (one) =>
          // Nothing in this space is kept: what is stopped, or is to be started, ends as soon as it is looked at.
          inState('launched', 'terminating', 'stopping', 'preserved', 'resuming')(one) &&
          (!inState('launched', 'terminating')(one) ||
            wantsEnd(one) ||
            one.instance.failure !== undefined ||
            one.instance.role === 'stray' ||
            one.instance.state === 'terminating'),
      ),
    ).toBeUndefined();
  });

  test('an instance that nobody wants is asked to end at once, whatever is or is not seen of it', () => {
    expect(
      broken(
        (one) =>
          inState('launched')(one) &&
          (wantsEnd(one) || one.instance.failure !== undefined || one.instance.role === 'stray') &&
          one.decision.kind !== 'begin_stop',
        decided('terminate'),
      ),
    ).toBeUndefined();
  });

  test('one that was asked to end is asked again as soon as its pause is over, without an end', () => {
    expect(
      broken(
        (one) =>
          inState('terminating')(one) &&
          (one.instance.notBefore ?? 0) <= NOW &&
          one.decision.kind !== 'begin_stop',
        decided('terminate'),
      ),
    ).toBeUndefined();
  });

  test('a missing instance is never given up without asking for it directly, nor asked for on one list', () => {
    expect(
      broken(decided('verify_absence'), (one) => {
        const sighting = sightingOf(one);
        return sighting?.kind === 'absent' && sighting.isProven;
      }),
    ).toBeUndefined();
    expect(
      broken(
        (one) => sightingOf(one)?.kind === 'absent',
        (one) => !isGivenUpForTrouble(one),
      ),
    ).toBeUndefined();
  });

  test('nothing is given up for trouble on a view that does not show the trouble', () => {
    expect(
      broken(isGivenUpForTrouble, (one) => {
        const sighting = sightingOf(one);
        if (sighting?.kind !== 'seen' || one.instance.troubledAt === undefined) return false;
        return (
          ['stopped', 'stopping', 'failed'].includes(sighting.observation.phase) &&
          sighting.at - one.instance.troubledAt >= DEFAULT_POLICY.stoppedGraceMs
        );
      }),
    ).toBeUndefined();
  });

  test('an attempt that is not ready in time is given up only after a try in this very process', () => {
    expect(
      broken(
        ({ decision }) =>
          decision.kind === 'fail_attempt' && decision.failure.code === 'never_ready',
        ({ instance, view }) =>
          instance.state === 'intended' ||
          (instance.readyBy <= NOW &&
            instance.runningAt === undefined &&
            (instance.address ? view.pace.proveNotBefore : view.pace.locateNotBefore) > 0),
      ),
    ).toBeUndefined();
  });

  test('a login is tried only at an address, with the key in, and never again once it worked', () => {
    expect(
      broken(
        decided('prove_login'),
        ({ instance }) => instance.address !== undefined && instance.runningAt === undefined,
      ),
    ).toBeUndefined();
  });

  test('a pace is kept: no look and no try before its time', () => {
    expect(
      broken(
        decided('locate', 'prove_login', 'verify_absence'),
        ({ view }) => view.pace.proveNotBefore <= NOW && view.pace.locateNotBefore <= NOW,
      ),
    ).toBeUndefined();
    expect(
      broken(decided('launch', 'grant_access'), ({ instance }) => (instance.notBefore ?? 0) <= NOW),
    ).toBeUndefined();
  });

  test('a running session whose time is up, or whose instance failed, begins to end before anything else', () => {
    expect(
      broken(
        (one) =>
          one.session.status === 'running' &&
          (isDue(one.session) ||
            (one.instance.role === 'attempt' && one.instance.failure !== undefined)),
        decided('begin_stop'),
      ),
    ).toBeUndefined();
  });

  test('no session is made to end but a running one that is due or failed', () => {
    expect(
      broken(
        decided('begin_stop'),
        ({ session, instance }) =>
          session.status === 'running' && (isDue(session) || instance.failure !== undefined),
      ),
    ).toBeUndefined();
  });

  test('a session is finished only when it wanted to end and nothing of it is open', () => {
    expect(
      broken(
        decided('finish'),
        (one) => wantsEnd(one) && !isOpen(one) && !isTerminalStatus(one.session.status),
      ),
    ).toBeUndefined();
    expect(
      broken(
        (one) => wantsEnd(one) && !isOpen(one) && !isTerminalStatus(one.session.status),
        decided('finish'),
      ),
    ).toBeUndefined();
  });

  test('an ended session with nothing open rests for ever', () => {
    expect(
      broken(
        (one) => isTerminalStatus(one.session.status) && !isOpen(one),
        ({ decision }) => decision.kind === 'rest' && decision.until === undefined,
      ),
    ).toBeUndefined();
  });

  test('an ended session with something open goes on ending it', () => {
    expect(
      broken(
        (one) => isTerminalStatus(one.session.status) && inState('launched')(one),
        decided('terminate'),
      ),
    ).toBeUndefined();
  });

  test('nothing is ever done to an instance that is gone, refused or absent', () => {
    expect(
      broken((one) => !isOpen(one), decided('rest', 'finish', 'next_attempt', 'begin_stop')),
    ).toBeUndefined();
  });

  test('whoever rests until a moment rests until one that lies ahead', () => {
    expect(
      broken(
        decided('rest'),
        ({ decision }) =>
          decision.kind === 'rest' && (decision.until === undefined || decision.until > NOW),
      ),
    ).toBeUndefined();
  });

  test('an open instance rests without a date only while a list is awaited that will wake it', () => {
    expect(
      broken(
        (one) => one.decision.kind === 'rest' && one.decision.until === undefined && isOpen(one),
        inState('unsettled'),
      ),
    ).toBeUndefined();
  });

  test('the same rows and the same view give the same decision', () => {
    const some = ALL.filter((_, index) => index % 11 === 0);
    const other = some.find(
      ({ session, view, decision }) =>
        JSON.stringify(decide(session, view)) !== JSON.stringify(decision),
    );
    expect(other).toBeUndefined();
  });
});

test('the hard limit counts from the moment at which the session ran', () => {
  const [first] = ALL;
  if (!first) throw new Error('there are cases');
  const { runningAt: _not, ...never } = first.session;
  expect(hardLimitAt(never, DEFAULT_POLICY)).toBeUndefined();
  expect(hardLimitAt({ ...never, runningAt: NOW }, DEFAULT_POLICY)).toBe(NOW + 12 * HOUR_MS);
});

function isGivenUpForTrouble({ decision }: Decided): boolean {
  return decision.kind === 'fail_attempt' && decision.failure.code !== 'never_ready';
}
