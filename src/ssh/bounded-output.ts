interface OutputBounds {
  /** Kept from the beginning. */
  readonly keptBytes: number;
  /** More than this is too much, kept or not. */
  readonly maxBytes: number;
}

/** What a host says, up to a bound: it decides how much that is, and must not fill our memory with it. */
export class BoundedOutput {
  readonly #bounds: OutputBounds;
  readonly #chunks: Buffer[] = [];
  #keptBytes = 0;
  #heardBytes = 0;

  constructor(bounds: OutputBounds) {
    this.#bounds = bounds;
  }

  add(chunk: Buffer): 'fine' | 'too_much' {
    const kept = chunk.subarray(0, this.#bounds.keptBytes - this.#keptBytes);
    if (kept.length > 0) this.#chunks.push(kept);
    this.#keptBytes += kept.length;
    return this.skip(chunk);
  }

  /** Counts what is not to be kept. */
  skip(chunk: Buffer): 'fine' | 'too_much' {
    this.#heardBytes += chunk.length;
    return this.#heardBytes > this.#bounds.maxBytes ? 'too_much' : 'fine';
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
