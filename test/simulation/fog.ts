import type { SimClock } from '../../src/simulator/model.ts';

/**
 * In what way the providers' APIs are not to be believed, while every instance lives on. All but the first spoil lists
 * alone: who asks for one instance is told the truth.
 */
export const FOG_KINDS = [
  /** The API knows of no instance at all. */
  'forgets all',
  /** Lists are complete and empty. */
  'hides from lists',
  /** Lists are complete and lack half of what there is, the same half all the time. */
  'hides half',
  /** No list is answered. */
  'refuses lists',
  /** The rows are taken out of a list; counts beside them stay. */
  'empties lists',
  /** The later half of the rows is taken out of a list; counts beside them stay. */
  'shortens lists',
  /** The text of a list ends in the middle. */
  'cuts lists',
] as const;
export type FogKind = (typeof FOG_KINDS)[number];

/** From so long after the world's start, for so long. */
export interface Fog {
  readonly kind: FogKind;
  readonly atMs: number;
  readonly durationMs: number;
}

/** The fogs of a world: those that were planned, those that somebody lets up, and none once the world is well. */
export class Weather {
  readonly #clock: SimClock;
  readonly #fogs: { readonly kind: FogKind; readonly from: number; readonly to: number }[] = [];

  constructor(clock: SimClock, planned: readonly Fog[]) {
    this.#clock = clock;
    const startedAt = clock.now();
    for (const { kind, atMs, durationMs } of planned) {
      this.#fogs.push({ kind, from: startedAt + atMs, to: startedAt + atMs + durationMs });
    }
  }

  cloud(kind: FogKind, durationMs: number): void {
    const from = this.#clock.now();
    this.#fogs.push({ kind, from, to: from + durationMs });
  }

  isIn(kind: FogKind): boolean {
    const now = this.#clock.now();
    return this.#fogs.some((fog) => fog.kind === kind && fog.from <= now && now < fog.to);
  }

  clear(): void {
    this.#fogs.length = 0;
  }
}
