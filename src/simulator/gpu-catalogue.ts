import type { SimGpu } from './model.ts';

/** A card as the market knows it: its names everywhere, and what hosts ask for it. */
export interface CatalogueEntry {
  readonly gpu: SimGpu;
  /** How often it turns up among Vast.ai's hosts, against the others. */
  readonly weight: number;
  /** Dollars per GPU and hour, lowest and highest. */
  readonly vastPrice: PriceRange;
  /** Undefined where TensorDock has none. */
  readonly tensordockPrice?: PriceRange;
}

export interface PriceRange {
  readonly low: number;
  readonly high: number;
}

interface Card {
  readonly vast: string;
  /** TensorDock's name without the memory, e.g. `geforcertx4090-pcie`. */
  readonly slug: string;
  readonly title: string;
  /** What `nvidia-smi` prints, where it is not the title. */
  readonly smi?: string;
  /** MB as the driver reports. */
  readonly mb: number;
  readonly gb: number;
  readonly cap: number;
  readonly weight: number;
  readonly vastUsd: readonly [low: number, high: number];
  readonly tensordockUsd?: readonly [low: number, high: number];
}

/** Cards that TensorDock was seen to show under the raw name instead of a readable one. */
const SHOWN_RAW = new Set(['a40-pcie-48gb', 'geforcertx5090-pcie-32gb']);

/** Memory readings and capabilities: Vast.ai facts §18. Prices: Vast.ai facts §6, TensorDock facts §8 and §11. */
// biome-ignore format: one card a line reads as the table that it is.
const CARDS: readonly Card[] = [
  { vast: 'RTX 4090', slug: 'geforcertx4090-pcie', title: 'NVIDIA GeForce RTX 4090', mb: 24564, gb: 24, cap: 890, weight: 16, vastUsd: [0.14, 0.6], tensordockUsd: [0.377, 0.44] },
  { vast: 'RTX 5090', slug: 'geforcertx5090-pcie', title: 'NVIDIA GeForce RTX 5090', mb: 32607, gb: 32, cap: 1200, weight: 12, vastUsd: [0.27, 0.9], tensordockUsd: [0.5, 0.58] },
  { vast: 'RTX 3090', slug: 'geforcertx3090-pcie', title: 'NVIDIA GeForce RTX 3090', mb: 24576, gb: 24, cap: 860, weight: 12, vastUsd: [0.08, 0.26], tensordockUsd: [0.2, 0.24] },
  { vast: 'RTX 3090 Ti', slug: 'geforcertx3090ti-pcie', title: 'NVIDIA GeForce RTX 3090 Ti', mb: 24564, gb: 24, cap: 860, weight: 2, vastUsd: [0.11, 0.27] },
  { vast: 'RTX 4080', slug: 'geforcertx4080-pcie', title: 'NVIDIA GeForce RTX 4080', mb: 16376, gb: 16, cap: 890, weight: 3, vastUsd: [0.12, 0.3] },
  { vast: 'RTX 4080S', slug: 'geforcertx4080super-pcie', title: 'NVIDIA GeForce RTX 4080 SUPER', mb: 16376, gb: 16, cap: 890, weight: 3, vastUsd: [0.12, 0.3] },
  { vast: 'RTX 4070S Ti', slug: 'geforcertx4070tisuper-pcie', title: 'NVIDIA GeForce RTX 4070 Ti SUPER', mb: 16376, gb: 16, cap: 890, weight: 2, vastUsd: [0.1, 0.22] },
  { vast: 'RTX 4070', slug: 'geforcertx4070-pcie', title: 'NVIDIA GeForce RTX 4070', mb: 12282, gb: 12, cap: 890, weight: 2, vastUsd: [0.08, 0.17] },
  { vast: 'RTX 4060 Ti', slug: 'geforcertx4060ti-pcie', title: 'NVIDIA GeForce RTX 4060 Ti', mb: 16380, gb: 16, cap: 890, weight: 2, vastUsd: [0.07, 0.15] },
  { vast: 'RTX 5080', slug: 'geforcertx5080-pcie', title: 'NVIDIA GeForce RTX 5080', mb: 16303, gb: 16, cap: 1200, weight: 3, vastUsd: [0.14, 0.32] },
  { vast: 'RTX 3080', slug: 'geforcertx3080-pcie', title: 'NVIDIA GeForce RTX 3080', mb: 10240, gb: 10, cap: 860, weight: 3, vastUsd: [0.06, 0.16] },
  { vast: 'RTX 3060', slug: 'geforcertx3060-pcie', title: 'NVIDIA GeForce RTX 3060', mb: 12288, gb: 12, cap: 860, weight: 4, vastUsd: [0.04, 0.1] },
  { vast: 'RTX 4090D', slug: 'geforcertx4090d-pcie', title: 'NVIDIA GeForce RTX 4090 D', mb: 24564, gb: 24, cap: 890, weight: 2, vastUsd: [0.2, 0.4] },
  { vast: 'H100 SXM', slug: 'h100-sxm5', title: 'NVIDIA H100 SXM5', smi: 'NVIDIA H100 80GB HBM3', mb: 81559, gb: 80, cap: 900, weight: 6, vastUsd: [1.8, 3], tensordockUsd: [2.2, 2.5] },
  { vast: 'H100 PCIE', slug: 'h100-pcie', title: 'NVIDIA H100', smi: 'NVIDIA H100 PCIe', mb: 81559, gb: 80, cap: 900, weight: 2, vastUsd: [1.8, 2.6] },
  { vast: 'H100 NVL', slug: 'h100-nvl', title: 'NVIDIA H100 NVL', mb: 95830, gb: 94, cap: 900, weight: 3, vastUsd: [1.8, 2.7] },
  { vast: 'H200', slug: 'h200-sxm5', title: 'NVIDIA H200', mb: 143771, gb: 141, cap: 900, weight: 3, vastUsd: [2.2, 3.8] },
  { vast: 'B200', slug: 'b200-sxm6', title: 'NVIDIA B200', mb: 183359, gb: 180, cap: 1000, weight: 1, vastUsd: [3.2, 5.5] },
  { vast: 'A100 SXM4', slug: 'a100-sxm4', title: 'NVIDIA A100 SXM4', smi: 'NVIDIA A100-SXM4-80GB', mb: 81920, gb: 80, cap: 800, weight: 4, vastUsd: [0.7, 1.6] },
  { vast: 'A100 SXM4', slug: 'a100-sxm4', title: 'NVIDIA A100 SXM4', smi: 'NVIDIA A100-SXM4-40GB', mb: 40960, gb: 40, cap: 800, weight: 2, vastUsd: [0.4, 0.9] },
  { vast: 'A100 PCIE', slug: 'rtxa100-pcie', title: 'NVIDIA A100', smi: 'NVIDIA A100 80GB PCIe', mb: 81920, gb: 80, cap: 800, weight: 3, vastUsd: [0.65, 1.3], tensordockUsd: [1.3, 1.6] },
  { vast: 'L40S', slug: 'l40s-pcie', title: 'NVIDIA L40S', mb: 46068, gb: 48, cap: 890, weight: 4, vastUsd: [0.45, 0.95], tensordockUsd: [0.9, 1.05] },
  { vast: 'L40', slug: 'l40-pcie', title: 'NVIDIA L40', mb: 46068, gb: 48, cap: 890, weight: 1, vastUsd: [0.4, 0.8] },
  { vast: 'L4', slug: 'l4-pcie', title: 'NVIDIA L4', mb: 23034, gb: 24, cap: 890, weight: 2, vastUsd: [0.15, 0.35], tensordockUsd: [0.225, 0.3] },
  { vast: 'A40', slug: 'a40-pcie', title: 'NVIDIA A40', mb: 46068, gb: 48, cap: 860, weight: 2, vastUsd: [0.25, 0.5], tensordockUsd: [0.35, 0.45] },
  { vast: 'RTX A6000', slug: 'rtxa6000-pcie', title: 'NVIDIA RTX A6000', mb: 49140, gb: 48, cap: 860, weight: 4, vastUsd: [0.33, 0.6], tensordockUsd: [0.4, 0.45] },
  { vast: 'RTX A5000', slug: 'rtxa5000-pcie', title: 'NVIDIA RTX A5000', mb: 24564, gb: 24, cap: 860, weight: 3, vastUsd: [0.13, 0.3], tensordockUsd: [0.21, 0.28] },
  { vast: 'RTX A4000', slug: 'rtxa4000-pcie', title: 'NVIDIA RTX A4000', mb: 16376, gb: 16, cap: 860, weight: 3, vastUsd: [0.08, 0.18], tensordockUsd: [0.11, 0.14] },
  { vast: 'RTX 4000Ada', slug: 'rtx4000ada-pcie', title: 'NVIDIA RTX 4000 Ada Generation', mb: 20475, gb: 20, cap: 890, weight: 2, vastUsd: [0.13, 0.3] },
  { vast: 'RTX 5000Ada', slug: 'rtx5000ada-pcie', title: 'NVIDIA RTX 5000 Ada Generation', mb: 32760, gb: 32, cap: 890, weight: 1, vastUsd: [0.3, 0.55], tensordockUsd: [0.5, 0.6] },
  { vast: 'RTX 6000Ada', slug: 'rtx6000ada-pcie', title: 'NVIDIA RTX 6000 Ada Generation', mb: 49140, gb: 48, cap: 890, weight: 3, vastUsd: [0.45, 0.85] },
  { vast: 'RTX PRO 6000 WS', slug: 'rtxpro6000-pcie', title: 'NVIDIA RTX PRO 6000 Blackwell Workstation Edition', mb: 97887, gb: 96, cap: 1200, weight: 4, vastUsd: [0.8, 1.6] },
  { vast: 'Tesla V100', slug: 'v100-sxm2', title: 'Tesla V100 SXM2', smi: 'Tesla V100-SXM2-16GB', mb: 16384, gb: 16, cap: 700, weight: 3, vastUsd: [0.07, 0.25], tensordockUsd: [0.2, 0.26] },
  { vast: 'Tesla T4', slug: 't4-pcie', title: 'Tesla T4', mb: 15360, gb: 16, cap: 750, weight: 2, vastUsd: [0.06, 0.15] },
  { vast: 'RTX 2080 Ti', slug: 'geforcertx2080ti-pcie', title: 'NVIDIA GeForce RTX 2080 Ti', mb: 11264, gb: 11, cap: 750, weight: 2, vastUsd: [0.05, 0.12] },
  { vast: 'Q RTX 8000', slug: 'quadrortx8000-pcie', title: 'Quadro RTX 8000', mb: 49152, gb: 48, cap: 750, weight: 1, vastUsd: [0.2, 0.4] },
];

export const GPU_CATALOGUE: readonly CatalogueEntry[] = CARDS.map(toEntry);

function toEntry(card: Card): CatalogueEntry {
  return {
    gpu: toGpu(card),
    weight: card.weight,
    vastPrice: range(card.vastUsd),
    ...(card.tensordockUsd ? { tensordockPrice: range(card.tensordockUsd) } : {}),
  };
}

function toGpu(card: Card): SimGpu {
  const v0Name = `${card.slug}-${card.gb}gb`;
  const bus = card.slug.endsWith('-pcie') ? ' PCIe' : '';
  return {
    vastName: card.vast,
    v0Name,
    displayName: SHOWN_RAW.has(v0Name) ? v0Name : `${card.title}${bus} ${card.gb}GB`,
    smiName: card.smi ?? card.title,
    vramMb: card.mb,
    nominalGb: card.gb,
    computeCap: card.cap,
  };
}

function range([low, high]: readonly [number, number]): PriceRange {
  return { low, high };
}
