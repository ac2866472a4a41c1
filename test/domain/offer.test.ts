import fc from 'fast-check';
import { expect, test } from 'vitest';
import { billedDiskGb, priceWithDisk, totalPerHour } from '../../src/domain/offer.ts';
import { offer } from '../support/builders.ts';

test('the total is the sum of the parts', () => {
  expect(totalPerHour({ gpu: 1, cpu: 20, ram: 300, disk: 4_000 })).toBe(4_321);
});

test('less disk than the offer sells is billed as what it sells', () => {
  const hundred = offer({ minDiskGb: 100 });
  expect(billedDiskGb(hundred, 50)).toBe(100);
  expect(billedDiskGb(hundred, 150)).toBe(150);
  expect(priceWithDisk(hundred, 50).disk).toBe(40_000);
});

test('another disk changes the disk part alone, to a whole micro-dollar', () => {
  const diskGb = fc.integer({ min: 8, max: 10_000 });
  fc.assert(
    fc.property(diskGb, fc.double({ min: 0, max: 1_000, noNaN: true }), (gb, perGb) => {
      const one = offer({ diskMicroUsdPerGbHour: perGb });
      const { disk, ...rest } = priceWithDisk(one, gb);
      const { disk: _included, ...offered } = one.price;
      expect(rest).toStrictEqual(offered);
      expect(Number.isInteger(disk)).toBe(true);
      expect(Math.abs(disk - perGb * gb)).toBeLessThanOrEqual(0.5);
    }),
  );
});
