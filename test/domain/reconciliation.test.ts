import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTag } from '../../src/domain/ids.ts';
import {
  INSTANCE_STATES,
  type Instance,
  isFinalInstance,
  type Observation,
} from '../../src/domain/instance.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import {
  claimOf,
  isExpectedIn,
  isMassAbsence,
  isOrphan,
  type Moment,
  type OwnInstance,
  ownInstances,
  type Suspicion,
  type Suspicions,
  suspect,
} from '../../src/domain/reconciliation.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { DEPLOYMENT, instance, START, session, sessionId } from '../support/builders.ts';

/** The builders' own. */
const PLACE = {
  provider: instance().provider,
  api: instance().api,
  apis: new Set([instance().api, 'the-other-api']),
};
const TAG = makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(), attempt: 1 });

function seen(overrides: Partial<Observation> = {}): Observation {
  return { id: 'i-1', tag: TAG, phase: 'running', ...overrides };
}

function own(overrides: Partial<Observation> = {}): OwnInstance {
  const parts = { deploymentId: DEPLOYMENT, sessionId: sessionId(), attempt: 1 };
  return { observation: seen(overrides), tag: TAG, parts };
}

describe('of a list, only what carries exactly our tag is seen at all', () => {
  test.each([
    ['no tag', undefined],
    ['an empty tag', ''],
    ['a name of its own', 'my-training'],
    ["another deployment's tag", TAG.replace(DEPLOYMENT, 'other9')],
    ['a look-alike', `${TAG}-2`],
    ['our tag in upper case', TAG.toUpperCase()],
    ['our tag and a space', `${TAG} `],
  ])('an instance with %s is invisible', (_, tag) => {
    expect(ownInstances([seen({ tag })], DEPLOYMENT)).toStrictEqual([]);
  });

  test('an instance with our tag comes with the parts of it', () => {
    const mine = seen();
    const foreign = seen({ id: 'i-2', tag: 'theirs' });
    expect(ownInstances([foreign, mine], DEPLOYMENT)).toStrictEqual([own()]);
  });

  test('whatever text a list carries, nothing is ours that we would not have written', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (tags) => {
        const listed = tags.map((tag, index) => seen({ id: `i-${index}`, tag }));
        expect(ownInstances(listed, DEPLOYMENT)).toStrictEqual([]);
      }),
    );
  });
});

describe('a listed instance of ours', () => {
  const at = (instances: readonly Instance[]) => claimOf(own(), session({ instances }), PLACE);

  test.each(INSTANCE_STATES)(
    'that a row in state %s holds: wanted while the row is open',
    (state) => {
      const claim = at([instance({ state, providerInstanceId: 'i-1' })]);
      expect(claim).toStrictEqual(
        isFinalInstance(state) ? { kind: 'belongs', position: 0 } : { kind: 'wanted' },
      );
    },
  );

  test.each(INSTANCE_STATES)(
    'whose attempt in state %s has no instance yet: wanted while it may be the one',
    (state) => {
      const claim = at([instance({ state })]);
      expect(claim).toStrictEqual(
        isFinalInstance(state) ? { kind: 'belongs', position: 0 } : { kind: 'wanted' },
      );
    },
  );

  test.each(INSTANCE_STATES)('whose attempt in state %s holds another one: a stray', (state) => {
    const claim = at([instance({ state, providerInstanceId: 'i-9' })]);
    expect(claim).toStrictEqual({ kind: 'stray', position: 0 });
  });

  test.each(INSTANCE_STATES)(
    'that another API of the marketplace shows under another id, attempt in state %s: left to its own API',
    (state) => {
      const instances = [instance({ state, providerInstanceId: 'i-9' })];
      const claim = claimOf(own(), session({ instances }), { ...PLACE, api: 'the-other-api' });
      expect(claim).toStrictEqual({ kind: 'wanted' });
    },
  );

  test.each(INSTANCE_STATES)(
    'of an attempt in state %s at an API that is not configured any more: what a closed one left behind is a stray',
    (state) => {
      const instances = [instance({ state, providerInstanceId: 'i-9' })];
      const here = { ...PLACE, api: 'the-other-api', apis: new Set(['the-other-api']) };
      expect(claimOf(own(), session({ instances }), here)).toStrictEqual(
        isFinalInstance(state) ? { kind: 'stray', position: 0 } : { kind: 'wanted' },
      );
    },
  );

  test.each(INSTANCE_STATES)(
    'that another marketplace has is another machine, attempt in state %s: a stray',
    (state) => {
      const elsewhere = { ...PLACE, provider: 'elsewhere', api: 'elsewhere-v1' };
      const held = session({ instances: [instance({ state, providerInstanceId: 'i-1' })] });
      const open = session({ instances: [instance({ state })] });
      for (const owner of [held, open]) {
        expect(claimOf(own(), owner, elsewhere)).toStrictEqual({ kind: 'stray', position: 0 });
      }
    },
  );

  test('that nobody knows: the session is missing, or never made such an attempt', () => {
    expect(claimOf(own(), undefined, PLACE)).toStrictEqual({ kind: 'nobody' });
    expect(at([])).toStrictEqual({ kind: 'nobody' });
    expect(at([instance({ attempt: 2, state: 'launched' })])).toStrictEqual({ kind: 'nobody' });
  });

  test('that is a known stray belongs to the row of the stray', () => {
    const twins = [
      instance({ state: 'launched', providerInstanceId: 'i-9' }),
      instance({ role: 'stray', state: 'terminating', providerInstanceId: 'i-1' }),
    ];
    expect(at(twins)).toStrictEqual({ kind: 'wanted' });
    const [attempt, stray] = twins;
    if (!attempt || !stray) throw new Error('two rows were built');
    expect(at([attempt, { ...stray, state: 'gone' }])).toStrictEqual({
      kind: 'belongs',
      position: 1,
    });
  });
});

/** The two clocks so far after the start of both; the wall's may have been set by `jumpMs` meanwhile. */
function moment(afterMs: number, jumpMs = 0): Moment {
  return { at: START + afterMs + jumpMs, monotonicMs: afterMs };
}

describe('suspicion', () => {
  const nobody: Suspicions = new Map();

  test('grows with each list that shows the same, and keeps when it began', () => {
    const once = suspect(nobody, [own()], moment(0));
    const twice = suspect(once, [own()], moment(MINUTE_MS));
    expect(twice.get('i-1')).toStrictEqual({
      firstSeen: moment(0),
      lastSeen: moment(MINUTE_MS),
      sightings: 2,
    });
  });

  test('is forgotten by one list in which the instance is wanted or missing', () => {
    const once = suspect(nobody, [own()], moment(0));
    const cleared = suspect(once, [], moment(MINUTE_MS));
    expect(cleared.size).toBe(0);
    expect(suspect(cleared, [own()], moment(2 * MINUTE_MS)).get('i-1')?.sightings).toBe(1);
  });
});

describe('an unwanted instance is orphaned', () => {
  const { evidenceGapMs, orphanGraceMs } = DEFAULT_POLICY;
  const seenFor = (gapMs: number, jumpMs = 0): Suspicion => ({
    firstSeen: moment(0),
    lastSeen: moment(gapMs, jumpMs),
    sightings: 2,
  });
  const judged = (one: OwnInstance, suspicion: Suspicion) =>
    isOrphan(one, suspicion, DEFAULT_POLICY);

  test('after two lists apart and the grace period, and not a moment before', () => {
    expect(judged(own(), seenFor(orphanGraceMs))).toBe(true);
    expect(judged(own(), seenFor(orphanGraceMs - 1))).toBe(false);
    const old = own({ createdAt: START - orphanGraceMs });
    expect(judged(old, seenFor(evidenceGapMs))).toBe(true);
    expect(judged(old, seenFor(evidenceGapMs - 1))).toBe(false);
  });

  test('never on one sighting, however old', () => {
    const once = { ...seenFor(0), sightings: 1 };
    expect(judged(own({ createdAt: 0 }), once)).toBe(false);
  });

  test('a creation time in the future gives it no longer life than none', () => {
    const odd = own({ createdAt: START + 99 * orphanGraceMs });
    expect(judged(odd, seenFor(orphanGraceMs))).toBe(true);
  });

  test('a clock that was set puts no time between two lists, and takes none away', () => {
    const old = own({ createdAt: START - orphanGraceMs });
    expect(judged(old, seenFor(evidenceGapMs - 1, 99 * orphanGraceMs))).toBe(false);
    expect(judged(old, seenFor(orphanGraceMs, -99 * orphanGraceMs))).toBe(true);
  });
});

describe('so much missing at once that the list is doubted', () => {
  test.each([
    [0, 0, false],
    [1, 1, false],
    [2, 2, false],
    [3, 3, true],
    [6, 3, true],
    [7, 3, false],
    [100, 49, false],
    [100, 50, true],
  ])('of %i expected %i are missing: %s', (expected, missing, isMass) => {
    expect(isMassAbsence(expected, missing)).toBe(isMass);
  });
});

describe('an instance is expected in a list', () => {
  const SETTLE_MS = 60 * SECOND_MS;
  const launched = (overrides: Partial<Instance> = {}) =>
    instance({ state: 'launched', providerInstanceId: 'i-1', launchedAt: START, ...overrides });

  test('once it was seen before the list began', () => {
    const shown = launched({ firstSeenAt: START + SECOND_MS });
    expect(isExpectedIn(shown, START + SECOND_MS, SETTLE_MS)).toBe(true);
    expect(isExpectedIn(shown, START + SECOND_MS - 1, SETTLE_MS)).toBe(false);
  });

  test('or once it had the time to appear, if it was never seen', () => {
    expect(isExpectedIn(launched(), START + SETTLE_MS, SETTLE_MS)).toBe(true);
    expect(isExpectedIn(launched(), START + SETTLE_MS - 1, SETTLE_MS)).toBe(false);
  });

  test.each(
    INSTANCE_STATES.filter(
      (state) => !['launched', 'stopping', 'preserved', 'resuming'].includes(state),
    ),
  )('but not in state %s, which says nothing about a list', (state) => {
    expect(isExpectedIn(launched({ state }), START + 9 * SETTLE_MS, SETTLE_MS)).toBe(false);
  });

  test('and not before anybody launched it', () => {
    const { launchedAt: _never, ...rest } = launched();
    expect(isExpectedIn(rest, START + 9 * SETTLE_MS, SETTLE_MS)).toBe(false);
  });
});
