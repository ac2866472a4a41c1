/** For hosts that show no uptime yet. */
const UNKNOWN_UPTIME = 0.9;

/** A host's uptime as the menu's reliability, 0 to 1. */
export function reliabilityOf(uptime: number | string | null | undefined): number {
  return Math.min(Math.max(Number(uptime ?? UNKNOWN_UPTIME), 0), 1);
}
