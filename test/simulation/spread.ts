/** Wide enough that a day fits into fewer buckets than there are worlds, fine enough for what is measured in seconds. */
const BUCKET_MS = 100;

export interface SpreadOut {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * How durations are spread, without keeping them: shares to a tenth of a second, the longest to the millisecond. Memory
 * grows with the range of the values and not with their number.
 */
export class Spread {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #max = 0;

  add(durationMs: number): void {
    const bucket = Math.floor(durationMs / BUCKET_MS);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
    this.#max = Math.max(this.#max, durationMs);
  }

  get summed(): SpreadOut {
    return { p50: this.#at(0.5), p99: this.#at(0.99), max: this.#max };
  }

  /** The lower edge of the bucket in which this share of all values is reached. */
  #at(share: number): number {
    const rank = Math.ceil(this.#count * share);
    let passed = 0;
    for (const [bucket, count] of [...this.#buckets].sort(([left], [right]) => left - right)) {
      passed += count;
      if (passed >= rank) return bucket * BUCKET_MS;
    }
    return 0;
  }
}
