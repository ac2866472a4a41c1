import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gpuTypeMatches } from '../../src/domain/gpu-name.ts';

test.each([
  ['RTX 4090', 'rtx4090'],
  ['RTX 4090', 'RTX 4090'],
  ['RTX 4090', 'rtx-4090'],
  ['RTX 4090', 'Rtx_4090'],
  ['RTX 4090', ' rtx  4090 '],
  ['RTX 4090', '4090'],
  ['RTX 4090', 'rtx'],
  ['RTX 4090D', '4090D'],
  ['A100 SXM4 80GB', 'A100'],
  ['A100 PCIE', 'a100'],
  ['A100-SXM4', 'A100 SXM4'],
  ['A100 SXM4 80GB', 'sxm4-80gb'],
  ['RTX A6000', 'a6000'],
  ['RTX 6000 Ada', '6000ada'],
])('%j is found by %j', (name, query) => {
  expect(gpuTypeMatches(name, query)).toBe(true);
});

test.each([
  ['RTX 4090D', 'RTX 4090'],
  ['RTX 4090D', '4090'],
  ['RTX 4090', '4090D'],
  ['RTX 4090', '409'],
  ['RTX 4090', '90'],
  ['RTX 4090', 'tx 4090'],
  ['RTX 4090', 'RTX 4090 Ti'],
  ['RTX 4070 Ti', '4070 Super'],
  ['RTX A6000', '6000'],
  ['A100X', 'A100'],
  ['GH200', 'H200'],
  ['H100 SXM', 'H100 80GB'],
  ['RTX 4090', ''],
  ['RTX 4090', ' -_ '],
  ['', 'RTX'],
])('%j is not found by %j', (name, query) => {
  expect(gpuTypeMatches(name, query)).toBe(false);
});

test('a run of whole words finds the name, however it is cased and joined', () => {
  const words = fc.array(fc.stringMatching(/^[A-Za-z0-9]{1,6}$/), { minLength: 1, maxLength: 5 });
  const joint = fc.constantFrom(' ', '-', '_', '', '  ');
  fc.assert(
    fc.property(words, joint, fc.nat(), fc.nat(), (name, glue, from, length) => {
      const start = from % name.length;
      const run = name.slice(start, start + 1 + (length % (name.length - start)));
      expect(gpuTypeMatches(name.join(' '), run.join(glue).toUpperCase())).toBe(true);
    }),
  );
});

test('what is found is whole words of the name, and nothing else', () => {
  const squeeze = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]+/g, '');
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '4', ' ', '-', '_'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (name, query) => {
      const words = name.split(/[\s_-]+/).filter(Boolean);
      const runs = words.flatMap((_, start) =>
        words.slice(start).map((__, length) => words.slice(start, start + length + 1).join('')),
      );
      const isFound = runs.some((run) => squeeze(run) === squeeze(query));
      expect(gpuTypeMatches(name, query)).toBe(isFound);
    }),
  );
});
