import { expect, test } from 'vitest';
import { gpuTypeMatches } from '../../../src/domain/gpu-name.ts';
import { gpuName } from '../../../src/providers/tensordock/gpu-name.ts';

/** The other marketplace's spellings, so that one card has one name on the menu. */
const NAMES: readonly (readonly [v0Name: string, gpuType: string, vramGb: number])[] = [
  ['geforcertx4090-pcie-24gb', 'RTX 4090', 24],
  ['geforcertx4090d-pcie-24gb', 'RTX 4090D', 24],
  ['geforcertx3090-pcie-24gb', 'RTX 3090', 24],
  ['geforcertx3090ti-pcie-24gb', 'RTX 3090 Ti', 24],
  ['geforcertx5090-pcie-32gb', 'RTX 5090', 32],
  ['geforcertx5080-pcie-16gb', 'RTX 5080', 16],
  ['geforcertx5070ti-pcie-16gb', 'RTX 5070 Ti', 16],
  ['geforcertx4080-pcie-16gb', 'RTX 4080', 16],
  ['geforcertx4080super-pcie-16gb', 'RTX 4080S', 16],
  ['geforcertx4070tisuper-pcie-16gb', 'RTX 4070S Ti', 16],
  ['geforcertx4070superti-pcie-16gb', 'RTX 4070S Ti', 16],
  ['geforcertx4070super-pcie-12gb', 'RTX 4070S', 12],
  ['geforcertx3080-pcie-10gb', 'RTX 3080', 10],
  ['geforcertx3080ti-pcie-12gb', 'RTX 3080 Ti', 12],
  ['geforcertx3060-pcie-12gb', 'RTX 3060', 12],
  ['geforcertx2080ti-pcie-11gb', 'RTX 2080 Ti', 11],
  ['geforcegtx1080ti-pcie-11gb', 'GTX 1080 Ti', 11],
  ['geforcegtx1660super-pcie-6gb', 'GTX 1660 S', 6],
  ['geforcegtx1070-pcie-8gb', 'GTX 1070', 8],
  ['rtx4090-24gb', 'RTX 4090', 24],
  ['rtxa2000-pcie-12gb', 'RTX A2000', 12],
  ['rtxa4000-pcie-16gb', 'RTX A4000', 16],
  ['rtxa4500-pcie-20gb', 'RTX A4500', 20],
  ['rtxa5000-pcie-24gb', 'RTX A5000', 24],
  ['rtxa6000-pcie-48gb', 'RTX A6000', 48],
  ['rtx4000ada-pcie-20gb', 'RTX 4000Ada', 20],
  ['rtx5000ada-pcie-32gb', 'RTX 5000Ada', 32],
  ['rtx6000ada-pcie-48gb', 'RTX 6000Ada', 48],
  ['rtx6000-ada-pcie-48gb', 'RTX 6000Ada', 48],
  ['rtx6000-pcie-24gb', 'Q RTX 6000', 24],
  ['rtx6000-pcie-48gb', 'RTX 6000Ada', 48],
  ['rtx4000-pcie-8gb', 'Q RTX 4000', 8],
  ['quadrortx8000-pcie-48gb', 'Q RTX 8000', 48],
  ['rtxpro6000-pcie-96gb', 'RTX PRO 6000', 96],
  ['rtxpro6000blackwell-pcie-96gb', 'RTX PRO 6000', 96],
  ['rtxpro6000server-pcie-96gb', 'RTX PRO 6000 S', 96],
  ['rtxpro6000ws-pcie-96gb', 'RTX PRO 6000 WS', 96],
  ['rtxa100-pcie-80gb', 'A100 PCIE', 80],
  ['a100-pcie-40gb', 'A100 PCIE', 40],
  ['a100-sxm4-80gb', 'A100 SXM4', 80],
  ['h100-sxm5-80gb', 'H100 SXM', 80],
  ['h100-pcie-80gb', 'H100 PCIE', 80],
  ['h100-nvl-94gb', 'H100 NVL', 94],
  ['h200-sxm5-141gb', 'H200', 141],
  ['l4-pcie-24gb', 'L4', 24],
  ['l40-pcie-48gb', 'L40', 48],
  ['l40s-pcie-48gb', 'L40S', 48],
  ['a10-pcie-24gb', 'A10', 24],
  ['a16-pcie-16gb', 'A16', 16],
  ['a30-pcie-24gb', 'A30', 24],
  ['a40-pcie-48gb', 'A40', 48],
  ['v100-pcie-16gb', 'Tesla V100', 16],
  ['v100-sxm2-16gb', 'Tesla V100', 16],
  ['v100-sxm3-32gb', 'Tesla V100', 32],
  ['teslat4-pcie-16gb', 'Tesla T4', 16],
  ['p40-pcie-24gb', 'Tesla P40', 24],
  ['titanrtx-pcie-24gb', 'Titan RTX', 24],
  ['titanv-pcie-12gb', 'Titan V', 12],
  ['titanxp-pcie-12gb', 'Titan Xp', 12],
  ['GeForceRTX4090-PCIe-24GB', 'RTX 4090', 24],
];

test.each(NAMES)('%s is on the menu as %s with %i GB', (v0Name, gpuType, vramGb) => {
  expect(gpuName(v0Name)).toEqual({ gpuType, vramGb });
});

test.each([
  ['b200-sxm6-180gb', 'B200', 180],
  ['mi300x-oam-192gb', 'MI300X', 192],
  ['geforcertx7090xl-pcie-64gb', 'RTX 7090XL', 64],
])('%s, which nobody has told us of, passes through readable', (v0Name, gpuType, vramGb) => {
  expect(gpuName(v0Name)).toEqual({ gpuType, vramGb });
});

test('memory that the v0Name leaves out is read from the display name', () => {
  expect(gpuName('a100-sxm4', 'NVIDIA A100 SXM4 80GB')).toEqual({
    gpuType: 'A100 SXM4',
    vramGb: 80,
  });
});

test.each([
  ['mystery', 'Mystery Card'],
  ['rtx4090-pcie-0gb', 'RTX 4090'],
])('a card without a memory size (%s) is not offered', (v0Name, displayName) => {
  expect(gpuName(v0Name, displayName)).toBeUndefined();
});

test('names are found by what people type', () => {
  const h100 = gpuName('h100-sxm5-80gb')?.gpuType ?? '';
  expect(gpuTypeMatches(h100, 'H100')).toBe(true);
  expect(gpuTypeMatches(gpuName('geforcertx4090d-pcie-24gb')?.gpuType ?? '', '4090')).toBe(false);
});
