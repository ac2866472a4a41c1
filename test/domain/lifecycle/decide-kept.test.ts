import { describe, expect, test } from 'vitest';
import { isFinalInstance } from '../../../src/domain/instance.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { isTerminalStatus } from '../../../src/domain/session.ts';
import { NOW } from './decide-space.ts';
import { type Decided, decided, decidedIn, inState } from './decided-cases.ts';
import { keptCases } from './kept-space.ts';

const { all: ALL, broken } = decidedIn(keptCases());

/** Told apart from the code under test on purpose: somebody used it, nobody discarded it, and it can be resumed. */
const isWorthKeeping = ({ session, instance }: Decided): boolean =>
  session.discardAskedAt === undefined &&
  session.status !== 'failed' &&
  (instance.runningAt !== undefined || instance.resumedAt !== undefined);

const isWanted = ({ session, instance }: Decided): boolean =>
  session.stopAskedAt === undefined && instance.failure === undefined;

const ageMs = ({ instance }: Decided): number =>
  instance.preservedAt === undefined ? -1 : NOW - instance.preservedAt;
const isTooOld = (one: Decided): boolean => ageMs(one) >= DEFAULT_POLICY.preservedMaxAgeMs;

const isProvenAbsent = ({ view: { sightings } }: Decided): boolean =>
  sightings.some((one) => one.kind === 'absent' && one.isProven);

const isShownAwake = ({ instance, view: { sightings } }: Decided): boolean =>
  sightings.some(
    (one) =>
      one.kind === 'seen' &&
      one.at > (instance.preservedAt ?? 0) &&
      (one.observation.isStartPending === true ||
        one.observation.holdsGpus === true ||
        one.observation.phase === 'starting' ||
        one.observation.phase === 'running'),
  );

const isPaced = ({ instance: { notBefore = 0 } }: Decided): boolean => notBefore > NOW;

describe(`over all ${ALL.length} cases of a session that wants its disk kept`, () => {
  test('a machine that is worth keeping is never ended, unless its end was asked for already', () => {
    expect(
      broken(
        (one) => isWorthKeeping(one) && !inState('terminating')(one),
        (one) => !decided('terminate')(one),
      ),
    ).toBeUndefined();
  });

  test('one that nobody wants and that holds nothing worth keeping is asked to end, and never stopped', () => {
    expect(broken(decided('stop'), isWorthKeeping)).toBeUndefined();
    expect(
      broken(
        (one) =>
          !isWorthKeeping(one) &&
          inState('launched', 'stopping', 'preserved', 'resuming')(one) &&
          !isWanted(one) &&
          one.decision.kind !== 'begin_stop',
        decided('terminate'),
      ),
    ).toBeUndefined();
  });

  test('no machine is stopped while its session wants it to run', () => {
    expect(broken(decided('stop'), (one) => !isWanted(one))).toBeUndefined();
  });

  test('one that is worth keeping and is not wanted any more is asked to stop, unless it seems to be gone', () => {
    expect(
      broken(
        (one) =>
          isWorthKeeping(one) &&
          inState('launched', 'resuming')(one) &&
          !isWanted(one) &&
          !isProvenAbsent(one) &&
          one.decision.kind !== 'begin_stop',
        decided('stop'),
      ),
    ).toBeUndefined();
  });

  test('one that was asked to stop is asked again as soon as its pause is over, without an end but age', () => {
    expect(
      broken(
        (one) =>
          isWorthKeeping(one) && inState('stopping')(one) && !isProvenAbsent(one) && !isPaced(one),
        (one) => decided(isTooOld(one) ? 'discard' : 'stop')(one),
      ),
    ).toBeUndefined();
  });

  test('nothing at rest is left awake', () => {
    expect(
      broken(
        (one) =>
          isWorthKeeping(one) &&
          inState('preserved')(one) &&
          isShownAwake(one) &&
          one.session.stopAskedAt !== undefined &&
          !isTooOld(one) &&
          !isPaced(one),
        decided('stop'),
      ),
    ).toBeUndefined();
  });

  test('what is shown at rest, or was seen before it rested, is not stopped again', () => {
    expect(
      broken(
        (one) => inState('preserved')(one) && !isShownAwake(one),
        (one) => !decided('stop')(one),
      ),
    ).toBeUndefined();
  });

  test('a disk is given up exactly when it is too old', () => {
    expect(
      broken(
        decided('discard'),
        (one) => isTooOld(one) && inState('preserved', 'stopping')(one) && isWorthKeeping(one),
      ),
    ).toBeUndefined();
    expect(
      broken(
        (one) =>
          isTooOld(one) &&
          isWorthKeeping(one) &&
          inState('preserved', 'stopping')(one) &&
          !isProvenAbsent(one) &&
          one.decision.kind !== 'begin_stop',
        decided('discard'),
      ),
    ).toBeUndefined();
  });

  test('a machine at rest is waited for until the moment of its age, and no longer', () => {
    expect(
      broken(
        (one) =>
          inState('preserved')(one) &&
          isTerminalStatus(one.session.status) &&
          decided('rest')(one) &&
          !isPaced(one) &&
          !isProvenAbsent(one),
        ({ instance, decision }) =>
          decision.kind === 'rest' &&
          decision.until === (instance.preservedAt ?? 0) + DEFAULT_POLICY.preservedMaxAgeMs,
      ),
    ).toBeUndefined();
  });

  test('a session is finished only when its machine is gone or at rest', () => {
    expect(
      broken(
        decided('finish'),
        ({ session, instance }) =>
          session.stopAskedAt !== undefined &&
          (isFinalInstance(instance.state) || instance.state === 'preserved'),
      ),
    ).toBeUndefined();
    expect(
      broken(
        (one) =>
          one.session.status === 'stopping' &&
          inState('preserved')(one) &&
          isWorthKeeping(one) &&
          !isTooOld(one) &&
          !isProvenAbsent(one) &&
          !isShownAwake(one),
        decided('finish'),
      ),
    ).toBeUndefined();
  });

  test('a session that was resumed never gets another machine', () => {
    expect(
      broken(
        ({ instance }) => instance.resumedAt !== undefined,
        (one) => !decided('launch', 'adopt')(one),
      ),
    ).toBeUndefined();
    expect(
      broken(
        (one) => one.instance.resumedAt !== undefined && one.instance.failure !== undefined,
        (one) => !decided('next_attempt')(one),
      ),
    ).toBeUndefined();
  });

  test('a start is asked for only where it was wished for, nobody has taken the wish back, and there is time', () => {
    expect(
      broken(
        decided('start'),
        (one) => inState('resuming')(one) && isWanted(one) && one.instance.readyBy > NOW,
      ),
    ).toBeUndefined();
    expect(
      broken(
        (one) => inState('resuming')(one) && isWanted(one) && !isPaced(one) && !isProvenAbsent(one),
        (one) =>
          one.instance.readyBy > NOW ? decided('start')(one) : decided('fail_attempt')(one),
      ),
    ).toBeUndefined();
  });

  test('a machine that seems to be gone is asked for directly before anything is made of it', () => {
    expect(
      broken(
        (one) =>
          isProvenAbsent(one) &&
          isWorthKeeping(one) &&
          inState('launched', 'stopping', 'preserved', 'resuming')(one),
        // What rests may be called stopped meanwhile; that changes nothing about the machine.
        decided('verify_absence', 'rest', 'begin_stop', 'finish'),
      ),
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
});
