const GB = 1e9;

/** Two decimals: a nearly full disk is where the figure matters. */
export function roundedGb(bytes: number): number {
  return Math.round((bytes / GB) * 100) / 100;
}
