import { describe, expect, test } from 'vitest';
import { isNvidia, isSameCard } from '../../src/domain/gpu-model.ts';
import { gpuName } from '../../src/providers/tensordock/gpu-name.ts';
import { GPU_CATALOGUE } from '../../src/simulator/gpu-catalogue.ts';

/** A card as the menu shows it, and the names that drivers of several years give it. */
const DRIVER_NAMES: Readonly<Record<string, readonly string[]>> = {
  'RTX 4090': ['NVIDIA GeForce RTX 4090', 'GeForce RTX 4090'],
  'RTX 4090D': ['NVIDIA GeForce RTX 4090 D'],
  'RTX 5090': ['NVIDIA GeForce RTX 5090'],
  'RTX 4080S': ['NVIDIA GeForce RTX 4080 SUPER'],
  'RTX 4080': ['NVIDIA GeForce RTX 4080'],
  'RTX 4080 laptop': ['NVIDIA GeForce RTX 4080 Laptop GPU'],
  'RTX 4070S Ti': ['NVIDIA GeForce RTX 4070 Ti SUPER'],
  'RTX 4070 Ti': ['NVIDIA GeForce RTX 4070 Ti'],
  'RTX 4070S': ['NVIDIA GeForce RTX 4070 SUPER'],
  'RTX 4070': ['NVIDIA GeForce RTX 4070'],
  'RTX 4060 Ti': ['NVIDIA GeForce RTX 4060 Ti'],
  'RTX 3080 Ti': ['NVIDIA GeForce RTX 3080 Ti', 'GeForce RTX 3080 Ti'],
  'RTX 3060': ['NVIDIA GeForce RTX 3060'],
  'RTX 2080 Ti': ['NVIDIA GeForce RTX 2080 Ti', 'GeForce RTX 2080 Ti'],
  'RTX 2070S': ['NVIDIA GeForce RTX 2070 SUPER'],
  'GTX 1660 S': ['NVIDIA GeForce GTX 1660 SUPER'],
  'GTX 1660 Ti': ['NVIDIA GeForce GTX 1660 Ti'],
  'GTX 1080 Ti': ['NVIDIA GeForce GTX 1080 Ti', 'GeForce GTX 1080 Ti'],
  'GeForce 970': ['NVIDIA GeForce GTX 970'],
  'GTX TITAN X': ['NVIDIA GeForce GTX TITAN X'],
  'Titan X': ['NVIDIA TITAN X (Pascal)'],
  'Titan Xp': ['NVIDIA TITAN Xp', 'TITAN Xp COLLECTORS EDITION'],
  'Titan V': ['NVIDIA TITAN V'],
  'TITAN V CEO': ['TITAN V CEO Edition'],
  'Titan RTX': ['NVIDIA TITAN RTX'],
  'H100 SXM': ['NVIDIA H100 80GB HBM3'],
  'H100 PCIE': ['NVIDIA H100 PCIe', 'NVIDIA H100 80GB HBM2e'],
  'H100 NVL': ['NVIDIA H100 NVL'],
  H200: ['NVIDIA H200'],
  'H200 NVL': ['NVIDIA H200 NVL'],
  'GH200 SXM': ['NVIDIA GH200 480GB'],
  B200: ['NVIDIA B200'],
  B300: ['NVIDIA B300 SXM6 AC'],
  'A100 SXM4': [
    'NVIDIA A100-SXM4-80GB',
    'NVIDIA A100-SXM4-40GB',
    'NVIDIA A100-SXM-80GB',
    'NVIDIA A100-SXM4-80GB MIG 1g.10gb',
    'GRID A100-40C',
  ],
  'A100 SXM': ['NVIDIA A100-SXM4-80GB'],
  'A100 PCIE': ['NVIDIA A100 80GB PCIe', 'NVIDIA A100-PCIE-40GB', 'A100-PCIE-40GB'],
  A100X: ['NVIDIA A100X'],
  'A800 PCIE': ['NVIDIA A800 80GB PCIe', 'NVIDIA A800 40GB Active'],
  A40: ['NVIDIA A40', 'NVIDIA A40-48Q'],
  A10: ['NVIDIA A10', 'NVIDIA A10-24C'],
  A10g: ['NVIDIA A10G'],
  A16: ['NVIDIA A16'],
  A30: ['NVIDIA A30'],
  L40S: ['NVIDIA L40S', 'NVIDIA L40S-48Q'],
  L40: ['NVIDIA L40'],
  L4: ['NVIDIA L4'],
  'Tesla V100': [
    'Tesla V100-SXM2-16GB',
    'NVIDIA Tesla V100-SXM2-32GB',
    'Tesla V100-PCIE-16GB',
    'Tesla V100-FHHL-16GB',
    'Tesla V100-DGXS-32GB',
    'Tesla V100S-PCIE-32GB',
  ],
  'Tesla T4': ['Tesla T4', 'NVIDIA T4', 'GRID T4-16Q'],
  'Tesla P100': ['Tesla P100-PCIE-16GB', 'Tesla P100-SXM2-16GB'],
  'Tesla P40': ['Tesla P40'],
  'Tesla K80': ['Tesla K80'],
  'RTX 4000Ada': ['NVIDIA RTX 4000 Ada Generation', 'NVIDIA RTX 4000 SFF Ada Generation'],
  'RTX 6000Ada': ['NVIDIA RTX 6000 Ada Generation'],
  'RTX 5880Ada': ['NVIDIA RTX 5880 Ada Generation'],
  'RTX A6000': ['NVIDIA RTX A6000', 'RTX A6000'],
  'RTX A2000': ['NVIDIA RTX A2000 12GB', 'NVIDIA RTX A2000'],
  'Q RTX 8000': ['Quadro RTX 8000', 'NVIDIA Quadro RTX 8000'],
  'Q RTX 4000': ['Quadro RTX 4000'],
  'Quadro P4000': ['Quadro P4000'],
  'Quadro GV100': ['Quadro GV100'],
  'RTX PRO 6000 WS': ['NVIDIA RTX PRO 6000 Blackwell Workstation Edition'],
  'RTX PRO 6000 S': ['NVIDIA RTX PRO 6000 Blackwell Server Edition'],
  'RTX PRO 6000 Max-Q': ['NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition'],
  'RTX PRO 5000': ['NVIDIA RTX PRO 5000 Blackwell', 'NVIDIA RTX PRO 5000 72GB Blackwell'],
  'RTX PRO 4000 Mobile': ['NVIDIA RTX PRO 4000 Blackwell Generation Laptop GPU'],
  'CMP 170HX': ['NVIDIA CMP 170HX'],
  'P104-100': ['NVIDIA P104-100'],
};

/** Spellings of the menu that leave open what a driver's name says. */
const VAGUE: readonly (readonly [gpuType: string, driverName: string])[] = [
  ['H100', 'NVIDIA H100 PCIe'],
  ['H100', 'NVIDIA H100 80GB HBM3'],
  ['RTX PRO 6000', 'NVIDIA RTX PRO 6000 Blackwell Server Edition'],
  ['RTX 6090 Ti', 'NVIDIA GeForce RTX 6090 Ti'],
  ['CMP 170HX', 'NVIDIA Graphics Device'],
];

/** Pairs that are easily taken for one another. */
const OTHERS: readonly (readonly [gpuType: string, driverName: string])[] = [
  ['RTX 4090', 'NVIDIA GeForce RTX 4090 D'],
  ['RTX 4090', 'NVIDIA GeForce RTX 4090 Laptop GPU'],
  ['RTX 4090', 'NVIDIA GeForce RTX 3090'],
  ['RTX 4070 Ti', 'NVIDIA GeForce RTX 4070'],
  ['RTX 4070S Ti', 'NVIDIA GeForce RTX 4070 Ti'],
  ['RTX 4080', 'NVIDIA GeForce RTX 4080 SUPER'],
  ['H100 SXM', 'NVIDIA H100 PCIe'],
  ['H100 SXM', 'NVIDIA H100 NVL'],
  ['A100 SXM4', 'NVIDIA A100 80GB PCIe'],
  ['A100 SXM4', 'NVIDIA A100X'],
  ['A100 PCIE', 'NVIDIA A10'],
  ['L40S', 'NVIDIA L40'],
  ['L40', 'NVIDIA L4'],
  ['A10g', 'NVIDIA A10'],
  ['H200', 'NVIDIA H100 80GB HBM3'],
  ['RTX 6000Ada', 'Quadro RTX 6000'],
  ['RTX 6000Ada', 'NVIDIA RTX A6000'],
  ['RTX 6000Ada', 'NVIDIA RTX PRO 6000 Blackwell Workstation Edition'],
  ['RTX PRO 6000 WS', 'NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition'],
  ['Tesla V100', 'Tesla T4'],
  ['Tesla P40', 'Tesla P4'],
  ['Titan V', 'NVIDIA TITAN RTX'],
];

describe('a card of the menu', () => {
  const pairs = Object.entries(DRIVER_NAMES).flatMap(([gpuType, names]) =>
    names.map((name) => [gpuType, name] as const),
  );

  test.each([...pairs, ...VAGUE])('%s is what drivers call %s', (gpuType, name) => {
    expect(isSameCard(gpuType, name)).toBe(true);
  });

  test.each(OTHERS)('%s is not what drivers call %s', (gpuType, name) => {
    expect(isSameCard(gpuType, name)).toBe(false);
  });

  test('is none of the other cards of this list, where both say enough', () => {
    const wrong = Object.keys(DRIVER_NAMES).flatMap((gpuType) =>
      pairs.filter(([other, name]) => other !== gpuType && isSameCard(gpuType, name)),
    );
    expect([...new Set(wrong.map(([other]) => other))].sort()).toEqual(SHARED);
  });

  test.each(GPU_CATALOGUE.map(({ gpu }) => gpu))('is found again: $vastName', (gpu) => {
    expect(isSameCard(gpu.vastName, gpu.smiName)).toBe(true);
    const { gpuType = '' } = gpuName(gpu.v0Name, gpu.displayName) ?? {};
    expect(isSameCard(gpuType, gpu.smiName)).toBe(true);
  });
});

/** Cards whose names, the menu's or the driver's, leave open which of two they are; the memory mostly tells. */
const SHARED: readonly string[] = [
  'A100 SXM',
  'A100 SXM4',
  'GTX TITAN X',
  'H100 NVL',
  'H100 PCIE',
  'H100 SXM',
  'H200',
  'H200 NVL',
  'Titan X',
];

test.each(['RX 7900 XTX', 'InstinctMI250X', 'PRO W7900', 'Pro V620', 'Radeon VII'])(
  '%s is not for the NVIDIA driver to tell of',
  (gpuType) => expect(isNvidia(gpuType)).toBe(false),
);

test.each(Object.keys(DRIVER_NAMES))('%s is', (gpuType) => {
  expect(isNvidia(gpuType)).toBe(true);
});
