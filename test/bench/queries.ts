import { CUDA_VERSIONS, GPU_TYPES, generator, PLACES } from './market.ts';

/** What a dashboard or a program asks for over and over. */
export const FEW_QUERIES: readonly string[] = [
  '/offers?limit=50',
  '/offers?gpu_type=4090&limit=50',
  '/offers?gpu_type=A100&min_reliability=0.9&limit=50',
  '/offers?max_price=2.5&min_vram=24&limit=50',
  '/offers?location=US&sort=-reliability&limit=50',
  '/offers?gpu_type=rtx4090%2Crtx5090&max_price=4&limit=50',
];

/** As many combinations of eight filters, none like another, whose pages are full or nearly so. */
export function manyQueries(count: number): readonly string[] {
  const draw = generator(7);
  const seen = new Set<string>();
  while (seen.size < count) seen.add(drawnQuery(draw));
  return [...seen];
}

function drawnQuery(draw: () => number): string {
  const pick = <Value>(values: readonly Value[]): Value | undefined =>
    values[Math.floor(draw() * values.length)];
  const maybe = (share: number, name: string, value: () => string): readonly string[] =>
    draw() < share ? [`${name}=${encodeURIComponent(value())}`] : [];
  const parameters = [
    `max_price=${(4 + draw() * 20).toFixed(4)}`,
    ...maybe(0.3, 'gpu_type', () => String(pick(GPU_TYPES)?.[0])),
    ...maybe(0.2, 'location', () => String(pick(PLACES)?.[1])),
    ...maybe(0.6, 'min_vram', () => String(pick([16, 24, 40, 48]))),
    ...maybe(0.4, 'min_gpu_count', () => String(pick([1, 2, 4]))),
    ...maybe(0.6, 'min_reliability', () => (0.8 + draw() * 0.12).toFixed(3)),
    ...maybe(0.4, 'min_availability_confidence', () => (0.5 + draw() * 0.2).toFixed(3)),
    ...maybe(0.4, 'min_cuda', () => String(pick(CUDA_VERSIONS))),
    ...maybe(0.3, 'sort', () => String(pick(['-reliability', 'vram_gb', 'price_per_gpu_hour']))),
    'limit=50',
  ];
  return `/offers?${parameters.join('&')}`;
}
