import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { HOLD_REASONS, ORPHAN_STATES, type Orphan } from '../../src/domain/orphan.ts';
import type { OrphanQuery, Store } from '../../src/ports/store.ts';
import { orphan, START, session, sessionId } from '../support/builders.ts';

/** What every store has to keep of orphans. `current` gives one that is empty before each test. */
export function describeOrphans(current: () => Store): void {
  const put = (fields: Partial<Orphan>) => current().saveOrphan(orphan(fields), []);

  describe('orphans, read and written whole', () => {
    test('are found as they were inserted, at version 1', async () => {
      expect(await current().saveOrphan(everyField, [])).toBe('saved');
      expect(await current().findOrphan(everyField.id)).toStrictEqual({
        ...everyField,
        version: 1,
      });
    });

    test('are unknown when they were never inserted', async () => {
      expect(await current().findOrphan('alpha-9')).toBeUndefined();
    });

    test.each(ORPHAN_STATES.filter((state) => state !== 'held'))('may be %s', async (state) => {
      await put({ state });
      expect((await current().findOrphan('alpha-9'))?.state).toBe(state);
    });

    test.each(HOLD_REASONS)('may be held for %s', async (heldFor) => {
      await put({ state: 'held', heldFor });
      expect(await current().findOrphan('alpha-9')).toMatchObject({ state: 'held', heldFor });
    });

    test('are found as they were saved and as they were replaced, whatever is known of them', async () => {
      let number = 0;
      await fc.assert(
        fc.asyncProperty(anyOrphan, anyOrphan, async (first, second) => {
          number += 1;
          const providerInstanceId = String(number);
          const inserted = orphan({ ...first, providerInstanceId });
          expect(await current().saveOrphan(inserted, [])).toBe('saved');
          const stored = { ...inserted, version: 1 };
          expect(await current().findOrphan(inserted.id)).toStrictEqual(stored);
          const next = orphan({ ...second, providerInstanceId, version: 1 });
          expect(await current().saveOrphan(next, [])).toBe('saved');
          expect(await current().findOrphan(next.id)).toStrictEqual({ ...next, version: 2 });
        }),
        { numRuns: 60 },
      );
    });

    test('are forgotten when they are dropped, and may be found again', async () => {
      await put({});
      expect(await current().dropOrphan(orphan({ version: 1 }), [])).toBe('dropped');
      expect(await current().findOrphan('alpha-9')).toBeUndefined();
      expect(await put({ detectedAt: START + 5 })).toBe('saved');
      expect(await current().findOrphan('alpha-9')).toMatchObject({
        version: 1,
        detectedAt: START + 5,
      });
    });
  });

  describe('orphans that do not make sense', () => {
    test.each<[string, Partial<Orphan>]>([
      ['is held for no reason', { state: 'held' }],
      ['is ending and held for a reason', { state: 'ending', heldFor: 'over_limit' }],
      ['is ignored and held for a reason', { state: 'ignored', heldFor: 'dry_run' }],
      ['earns money', { pricePerHour: -1 }],
      ['costs a part of a micro-dollar', { pricePerHour: 0.5 }],
      ['has no id', { id: '' }],
    ])('one that %s is refused', async (_, fields) => {
      await expect(put(fields)).rejects.toThrow(/refused/);
      expect((await current().orphanPage(ALL)).total).toBe(0);
    });

    test('one instance under two ids is refused, and one id at two APIs is two', async () => {
      await put({});
      await expect(put({ id: 'another-name' })).rejects.toThrow(/refused/);
      expect(await put({ api: 'alpha-2' })).toBe('saved');
      expect((await current().orphanPage(ALL)).total).toBe(2);
    });

    test('a replacement that is refused leaves what was there', async () => {
      await put({});
      await expect(put({ version: 1, state: 'held' })).rejects.toThrow(/refused/);
      expect(await current().findOrphan('alpha-9')).toStrictEqual(orphan({ version: 1 }));
    });
  });

  describe('versions and events of orphans', () => {
    beforeEach(() => current().create({ session: session(), events: [] }));

    /** Events of a session, because only those can be asked for. */
    const told = async () => (await current().events(sessionId(), 100)).map(({ at }) => at);
    const save = (fields: Partial<Orphan>, at: number) =>
      current().saveOrphan(orphan(fields), [extended(at)]);
    const drop = (fields: Partial<Orphan>, at: number) =>
      current().dropOrphan(orphan(fields), [extended(at)]);

    test('versions grow by one, and each change has its events', async () => {
      expect(await save({}, 1)).toBe('saved');
      expect(await save({ version: 1, state: 'ignored' }, 2)).toBe('saved');
      expect(await save({ version: 2, decidedAt: START + 1 }, 3)).toBe('saved');
      expect(await current().findOrphan('alpha-9')).toMatchObject({ version: 3, state: 'ending' });
      expect(await drop({ version: 3 }, 4)).toBe('dropped');
      expect(await told()).toEqual([1, 2, 3, 4]);
    });

    test('of several inserts at once exactly one is written, and no other one later', async () => {
      const results = await Promise.all([1, 2, 3, 4, 5].map((at) => save({ decidedAt: at }, at)));
      expect(results.filter((result) => result === 'saved')).toHaveLength(1);
      const [winner] = await told();
      expect(await save({ decidedAt: 6 }, 6)).toBe('stale');
      expect(await current().findOrphan('alpha-9')).toStrictEqual(
        orphan({ version: 1, decidedAt: winner ?? 0 }),
      );
      expect(await told()).toEqual([winner]);
    });

    test.each([1, 3])(
      'a change of version %i changes nothing that is at version 2',
      async (version) => {
        await put({});
        await put({ version: 1, state: 'ignored' });
        expect(await save({ version }, 1)).toBe('stale');
        expect(await drop({ version }, 2)).toBe('stale');
        expect(await current().findOrphan('alpha-9')).toStrictEqual(
          orphan({ version: 2, state: 'ignored' }),
        );
        expect(await told()).toEqual([]);
      },
    );

    test('a change of one that was dropped meanwhile does not bring it back', async () => {
      await put({});
      await current().dropOrphan(orphan({ version: 1 }), []);
      expect(await save({ version: 1, state: 'ignored' }, 1)).toBe('stale');
      expect(await drop({ version: 1 }, 2)).toBe('stale');
      expect(await current().findOrphan('alpha-9')).toBeUndefined();
      expect(await told()).toEqual([]);
    });

    test('one that is not stored cannot be dropped', async () => {
      expect(await drop({}, 1)).toBe('stale');
      await put({});
      expect(await drop({}, 2)).toBe('stale');
      expect(await current().findOrphan('alpha-9')).toBeDefined();
      expect(await told()).toEqual([]);
    });

    test('a drop takes the one that it names and no other', async () => {
      await put({});
      await put({ providerInstanceId: '10' });
      await drop({ version: 1 }, 1);
      expect((await current().orphansOf('alpha')).map(({ id }) => id)).toEqual(['alpha-10']);
    });

    test('a change that is refused leaves no event', async () => {
      await expect(save({ state: 'held' }, 1)).rejects.toThrow(/refused/);
      expect(await told()).toEqual([]);
    });
  });

  describe('lists of orphans', () => {
    const idsOf = (orphans: readonly Orphan[]) => orphans.map(({ id }) => id);

    test('of one marketplace have what was found there, by whatever API, oldest first', async () => {
      await put({ providerInstanceId: '1', detectedAt: START + 2 });
      await put({ providerInstanceId: '3', detectedAt: START + 1, state: 'ignored' });
      await put({ providerInstanceId: '2', detectedAt: START + 1 });
      await put({ providerInstanceId: '4', api: 'alpha-2' });
      await put({ providerInstanceId: '5', provider: 'gamma', api: 'gamma' });
      const found = idsOf(await current().orphansOf('alpha'));
      expect(found).toEqual(['alpha-2-4', 'alpha-2', 'alpha-3', 'alpha-1']);
      expect(idsOf(await current().orphansOf('gamma'))).toEqual(['gamma-5']);
      expect(await current().orphansOf('beta')).toEqual([]);
    });

    test('in pages are newest first, do not overlap, and count all that match', async () => {
      for (const number of [1, 2, 3, 4, 5]) {
        const detectedAt = START + Math.floor(number / 2);
        await put({ providerInstanceId: String(number), detectedAt });
      }
      const pages = await Promise.all(
        [0, 2, 4, 6].map((offset) => current().orphanPage({ limit: 2, offset })),
      );
      expect(pages.map(({ orphans }) => idsOf(orphans))).toEqual([
        ['alpha-5', 'alpha-4'],
        ['alpha-3', 'alpha-2'],
        ['alpha-1'],
        [],
      ]);
      expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5]);
    });

    test('in pages are narrowed by state and provider', async () => {
      await put({ providerInstanceId: '1' });
      await put({ providerInstanceId: '2', state: 'ignored' });
      await put({ provider: 'beta', api: 'beta', state: 'ignored' });
      const found = async (query: Partial<OrphanQuery>) => {
        const page = await current().orphanPage({ ...ALL, ...query });
        expect(page.total).toBe(page.orphans.length);
        return idsOf(page.orphans).sort();
      };
      expect(await found({})).toEqual(['alpha-1', 'alpha-2', 'beta-9']);
      expect(await found({ state: 'ignored' })).toEqual(['alpha-2', 'beta-9']);
      expect(await found({ state: 'held' })).toEqual([]);
      expect(await found({ provider: 'alpha' })).toEqual(['alpha-1', 'alpha-2']);
      expect(await found({ provider: 'alpha', state: 'ignored' })).toEqual(['alpha-2']);
      expect(await found({ provider: 'gamma' })).toEqual([]);
    });

    test('are counted by provider and state, APIs of a marketplace together', async () => {
      expect(await current().orphanCounts()).toEqual([]);
      await put({ providerInstanceId: '1' });
      await put({ providerInstanceId: '2', api: 'alpha-2' });
      await put({ providerInstanceId: '3', state: 'held', heldFor: 'dry_run' });
      await put({ provider: 'beta', api: 'beta' });
      expect(await current().orphanCounts()).toEqual([
        { provider: 'alpha', state: 'ending', count: 2 },
        { provider: 'alpha', state: 'held', count: 1 },
        { provider: 'beta', state: 'ending', count: 1 },
      ]);
    });
  });
}

const ALL: OrphanQuery = { limit: 100, offset: 0 };

/** Typed so that a field which is added to the domain has to be added here, and then has to be stored. */
const everyField: Required<Orphan> = {
  ...orphan(),
  state: 'held',
  heldFor: 'not_launched_here',
  createdAt: START - 1,
  pricePerHour: 400_000,
  decidedAt: START + 1,
};

const instant = fc.integer({ min: 0, max: START + 2_000_000_000 });

const anyOrphan: fc.Arbitrary<Partial<Orphan>> = fc
  .tuple(
    fc.constantFrom<Pick<Orphan, 'state' | 'heldFor'>>(
      { state: 'ending' },
      { state: 'ignored' },
      ...HOLD_REASONS.map((heldFor) => ({ state: 'held' as const, heldFor })),
    ),
    fc.record(
      {
        tag: fc.string({ unit: 'grapheme', maxLength: 40 }),
        detectedAt: instant,
        decidedAt: instant,
        createdAt: instant,
        pricePerHour: fc.nat(50_000_000),
      },
      { requiredKeys: ['tag', 'detectedAt', 'decidedAt'], noNullPrototype: true },
    ),
  )
  .map(([standing, known]) => ({ ...known, ...standing }));

function extended(at: number): BrokerEvent {
  return { kind: 'session_extended', at, sessionId: sessionId(), expiresAt: at };
}
