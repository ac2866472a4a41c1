import { expect, test } from 'vitest';
import type { Offer } from '../../src/domain/offer.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { Departed } from '../../src/inventory/departed.ts';
import { offer, START } from '../support/builders.ts';

function priced(id: string, gpu: number, fetchedAt = START): Offer {
  return offer({ id, fetchedAt, price: { gpu, cpu: 0, ram: 0, disk: 0 } });
}

const any = () => true;

function menu(...offers: readonly Offer[]): ReadonlyMap<string, Offer> {
  return new Map(offers.map((one) => [one.id, one]));
}

test('what has left the menu is remembered for a day, and what is still there is not', () => {
  const departed = new Departed();
  departed.note([priced('gone', 100_000), priced('here', 900_000)], menu(priced('here', 900_000)));
  expect(departed.last(any, START + HOUR_MS)?.id).toBe('gone');
  expect(departed.last(any, START + 24 * HOUR_MS)).toBeUndefined();
});

test('what costs more by now was to be had for less', () => {
  const departed = new Departed();
  departed.note([priced('a', 100_000)], menu(priced('a', 200_000, START + MINUTE_MS)));
  const isCheap = ({ price }: Offer): boolean => price.gpu <= 150_000;
  expect(departed.last(isCheap, START + MINUTE_MS)?.fetchedAt).toBe(START);
});

test('of several that match the one that was seen last is told', () => {
  const departed = new Departed();
  departed.note([priced('late', 100_000, START + MINUTE_MS), priced('early', 500_000)], menu());
  expect(departed.last(any, START + HOUR_MS)?.id).toBe('late');
});

test('offers of one kind, place and price are one, and what is large is not kept', () => {
  const departed = new Departed();
  const large = { ...priced('b', 110_000), facts: { gpu_name: 'x' }, adapterData: { ask: 1 } };
  departed.note([priced('a', 100_000), large], menu());
  const kept: Offer[] = [];
  departed.last((one) => kept.push(one) < 0, START);
  expect(kept.map(({ id, adapterData }) => [id, adapterData])).toStrictEqual([['b', {}]]);
  expect(kept[0]).not.toHaveProperty('facts');
});
