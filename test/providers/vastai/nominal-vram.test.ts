import { describe, expect, it } from 'vitest';
import { nominalVramGb } from '../../../src/providers/vastai/nominal-vram.ts';

describe('nominal memory of a GPU', () => {
  it.each([
    ['RTX 4090', 24_564, 24],
    ['RTX 4090', 49_140, 48],
    ['RTX 3090', 24_576, 24],
    ['RTX 5090', 32_607, 32],
    ['RTX A6000', 49_140, 48],
    ['Tesla T4', 15_360, 16],
    ['RTX 4000Ada', 20_475, 20],
    ['L4', 23_034, 24],
    ['H100 SXM', 81_559, 80],
    ['H100 NVL', 95_830, 94],
    ['H200', 143_771, 141],
    ['A100 SXM4', 81_920, 80],
    ['A100 SXM4', 40_960, 40],
    ['L40S', 46_068, 48],
    ['A40', 46_068, 48],
    ['RTX 5080', 16_303, 16],
    ['RTX 4070', 12_282, 12],
    ['RTX 3080', 10_240, 10],
    ['RTX 3060', 12_288, 12],
    ['Tesla V100', 32_768, 32],
  ])('of a %s that reports %d MB is %d GB', (name, reportedMb, gb) => {
    expect(nominalVramGb(name, reportedMb)).toBe(gb);
  });

  it('is the rounded reading for a model that is not listed', () => {
    expect(nominalVramGb('RTX 9090', 49_000)).toBe(48);
    expect(nominalVramGb('constructor', 300)).toBe(1);
  });

  it('is the rounded reading for a card that was modified beyond its sizes', () => {
    expect(nominalVramGb('RTX 2080 Ti', 22_528)).toBe(22);
  });
});
