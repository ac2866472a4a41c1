import { expect, test } from 'vitest';
import { OTHER_GPUS, priceList } from '../../src/inventory/price-list.ts';
import { offer } from '../support/builders.ts';

function priced(gpuType: string, usd: number, gpuCount = 1) {
  const price = { gpu: usd * 1_000_000, cpu: 0, ram: 0, disk: 0 };
  return offer({ id: `${gpuType}-${usd}-${gpuCount}`, gpuType, gpuCount, price });
}

test('each type is told with its offers and the price of one GPU of the cheapest', () => {
  const offers = [priced('H100', 3), priced('H100', 4, 2), priced('A100', 1)];
  expect(priceList(offers)).toEqual([
    { gpuType: 'H100', offers: 2, leastPerGpuHour: 2_000_000 },
    { gpuType: 'A100', offers: 1, leastPerGpuHour: 1_000_000 },
  ]);
});

test('what cannot be rented is not told of', () => {
  expect(priceList([{ ...priced('H100', 3), available: false }])).toEqual([]);
});

test('of very many types the rare ones are told as one', () => {
  const offers = Array.from({ length: 100 }, (_, index) => priced(`GPU ${index}`, 1 + index));
  const list = priceList([...offers, priced('GPU 99', 0.5)]);
  expect(list).toHaveLength(40);
  expect(list[0]).toEqual({ gpuType: 'GPU 99', offers: 2, leastPerGpuHour: 500_000 });
  expect(list.at(-1)).toEqual({
    gpuType: OTHER_GPUS,
    offers: 61,
    leastPerGpuHour: 39_000_000,
  });
  expect(list.reduce((sum, { offers: count }) => sum + count, 0)).toBe(101);
});
