import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { knownFitting } from '../../src/sessions/known-fitting.ts';
import { offer, START, session } from '../support/builders.ts';
import { manualClock } from '../support/manual-clock.ts';

function stocked() {
  const clock = manualClock({ startAt: START });
  const sources = [{ api: 'alpha', name: 'alpha' }];
  const shelf = new Shelf({ sources, clock, policy: DEFAULT_POLICY, record: new TrackRecord() });
  const list = () => [
    offer({ fetchedAt: clock.now() }),
    offer({ id: 'alpha-2', fetchedAt: START }),
  ];
  shelf.stock('alpha', list(), clock.now());
  let searches = 0;
  const search = (one = session()) => {
    knownFitting(shelf, one, () => {
      searches += 1;
      return shelf.choices();
    });
    return searches;
  };
  return { shelf, list, clock, search };
}

test('what fits a session that waits is looked for once while nothing changes', () => {
  const { search } = stocked();
  const waiting = session();
  expect([search(waiting), search(waiting), search(waiting)]).toStrictEqual([1, 1, 1]);
});

test('it is looked for anew by a session that has changed, and by another one', () => {
  const { search } = stocked();
  const waiting = session();
  search(waiting);
  expect(search({ ...waiting, version: 2 })).toBe(2);
});

test('it is looked for anew after new offers, after one was taken, and after news of launches', () => {
  const { shelf, list, clock, search } = stocked();
  const waiting = session();
  search(waiting);
  shelf.stock('alpha', list(), clock.now());
  expect(search(waiting)).toBe(2);
  shelf.take('alpha-2');
  expect(search(waiting)).toBe(3);
  shelf.reconsider();
  expect(search(waiting)).toBe(4);
  expect(search(waiting)).toBe(4);
});

test('of a session that very much fits nothing is kept', () => {
  const { search, shelf } = stocked();
  const many = Array.from({ length: 200 }, (_, number) =>
    offer({ id: `alpha-${number}`, fetchedAt: START }),
  );
  shelf.stock('alpha', many, START);
  const waiting = session();
  expect([search(waiting), search(waiting)]).toStrictEqual([1, 2]);
});
