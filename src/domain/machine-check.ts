/** What of a machine can be other than its offer said. */
export const MISMATCH_KINDS = [
  'gpu_count',
  'gpu_type',
  'vram_gb',
  'driver',
  'cuda_version',
  'disk_gb',
] as const;
export type MismatchKind = (typeof MISMATCH_KINDS)[number];

/** One thing in which a machine is not what was offered, in words and units of the offer. */
export interface Mismatch {
  readonly kind: MismatchKind;
  readonly offered: string;
  readonly found: string;
}
