/** By tier, documented as 1 to 3 in one place and 1 to 4 in another; 4 has been seen. */
const RELIABILITY_BY_TIER: readonly number[] = [0.9, 0.93, 0.97, 0.99];

/** 0 to 1, for sites that show no uptime of their own. */
export function tierReliability(tier: number | null | undefined): number {
  const rank = Math.min(Math.max(Math.trunc(tier ?? 1), 1), RELIABILITY_BY_TIER.length);
  return RELIABILITY_BY_TIER[rank - 1] ?? 0;
}
