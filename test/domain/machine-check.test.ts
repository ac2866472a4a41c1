import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gpuFaultOf, MISMATCH_KINDS, mismatchesOf } from '../../src/domain/machine-check.ts';
import type { GpuReport, MachineReport } from '../../src/domain/machine-report.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { GPU_CATALOGUE } from '../../src/simulator/gpu-catalogue.ts';
import { offer, START } from '../support/builders.ts';
import { REPORT } from '../support/fake-shell.ts';

const [CARD] = REPORT.gpus ?? [];

function card(change: Partial<GpuReport> = {}): GpuReport {
  if (!CARD) throw new Error('the report has a card');
  return { ...CARD, ...change };
}

interface Case {
  readonly offered?: Partial<Offer>;
  readonly diskGb?: number;
  readonly resumedAt?: number;
}

function found(change: Partial<MachineReport>, { offered, ...rented }: Case = {}) {
  return mismatchesOf({ ...REPORT, ...change }, { offer: offer(offered), diskGb: 50, ...rented });
}

describe('a machine as it was offered', () => {
  test('has nothing against it', () => {
    expect(found({}, { offered: { cudaVersion: '12.8' } })).toEqual([]);
  });

  test('may have more than was offered', () => {
    const gpus = [card({ memoryTotalMb: 49_140 }), card()];
    expect(found({ gpus, cudaVersion: '13.0' }, { offered: { cudaVersion: '12.10' } })).toEqual([]);
  });

  test.each(GPU_CATALOGUE.map(({ gpu }) => gpu))('may have $smiName with $vramMb MB', (gpu) => {
    const gpus = [card({ name: gpu.smiName, memoryTotalMb: gpu.vramMb })];
    const offered = { gpuType: gpu.vastName, vramGb: gpu.nominalGb };
    expect(found({ gpus }, { offered })).toEqual([]);
  });

  test.each([
    [22_731, 24],
    [15_109, 16],
    [45_634, 48],
    [11_441, 12],
  ])('may keep some of its memory for itself: %i MB of %i GB', (memoryTotalMb, vramGb) => {
    expect(found({ gpus: [card({ memoryTotalMb })] }, { offered: { vramGb } })).toEqual([]);
  });

  test('may leave out what it does not know', () => {
    const gpus = [card({ memoryTotalMb: undefined })];
    const silent = { gpus, cudaVersion: undefined, diskFreeBytes: undefined };
    expect(found(silent, { offered: { cudaVersion: '12.8' } })).toEqual([]);
  });

  test('is not asked for a driver of cards that are another maker’s', () => {
    const bare = { gpus: undefined, cudaVersion: undefined };
    expect(found(bare, { offered: { gpuType: 'RX 7900 XTX' } })).toEqual([]);
  });
});

describe('a machine that is less than was offered', () => {
  test('lacks a card', () => {
    expect(found({}, { offered: { gpuCount: 2 } })).toEqual([
      { kind: 'gpu_count', offered: '2', found: '1' },
    ]);
  });

  test('has a card of another model among its own', () => {
    const gpus = [card(), card({ name: 'NVIDIA GeForce RTX 3090' })];
    expect(found({ gpus }, { offered: { gpuCount: 2 } })).toEqual([
      { kind: 'gpu_type', offered: 'RTX 4090', found: 'NVIDIA GeForce RTX 3090' },
    ]);
  });

  test('has a card with less memory', () => {
    const gpus = [card(), card({ memoryTotalMb: 12_282 })];
    expect(found({ gpus })).toEqual([{ kind: 'vram_gb', offered: '24', found: '12.0' }]);
  });

  test('has no driver that answers', () => {
    expect(found({ gpus: undefined })).toEqual([
      { kind: 'driver', offered: 'a driver that answers', found: 'none' },
    ]);
  });

  test('serves an older CUDA, compared as a version', () => {
    expect(found({ cudaVersion: '12.9' }, { offered: { cudaVersion: '12.10' } })).toEqual([
      { kind: 'cuda_version', offered: '12.10', found: '12.9' },
    ]);
  });

  test('has most of its disk taken, unless it is one that was kept', () => {
    const diskFreeBytes = 2.04e9;
    expect(found({ diskFreeBytes })).toEqual([{ kind: 'disk_gb', offered: '50', found: '2.0' }]);
    expect(found({ diskFreeBytes }, { resumedAt: START })).toEqual([]);
  });
});

describe('what stands between a machine and its GPUs', () => {
  test.each([
    ['gpu_count', 'wrong_machine'],
    ['gpu_type', 'wrong_machine'],
    ['vram_gb', 'wrong_machine'],
    ['driver', 'no_driver'],
    ['cuda_version', undefined],
    ['disk_gb', undefined],
  ] as const)('is by a mismatch of %s: %s', (kind, fault) => {
    expect(gpuFaultOf([{ kind, offered: 'a', found: 'b' }])).toBe(fault);
  });

  test('is nothing where all is as offered', () => {
    expect(gpuFaultOf([])).toBeUndefined();
  });
});

test('whatever a machine says, each kind of mismatch is told at most once', () => {
  const cards = fc.array(
    fc.record({
      name: fc.string(),
      memoryTotalMb: fc.option(fc.nat(200_000), { nil: undefined }),
      memoryUsedMb: fc.constant(undefined),
      utilizationPercent: fc.constant(undefined),
      temperatureC: fc.constant(undefined),
      powerW: fc.constant(undefined),
    }),
    { minLength: 1 },
  );
  const report = fc.record({
    gpus: fc.option(cards, { nil: undefined }),
    driverVersion: fc.constant(undefined),
    cudaVersion: fc.option(fc.string(), { nil: undefined }),
    diskFreeBytes: fc.option(fc.nat(), { nil: undefined }),
    work: fc.constant(undefined),
  });
  fc.assert(
    fc.property(report, (said) => {
      const kinds = found(said, { offered: { cudaVersion: '12.8' } }).map(({ kind }) => kind);
      expect(new Set(kinds).size).toBe(kinds.length);
      expect(MISMATCH_KINDS).toEqual(expect.arrayContaining(kinds));
    }),
  );
});
