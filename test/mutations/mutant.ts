import type { TraceRef, WorldRef } from './world-ref.ts';

/** A change to the text of one file. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** One guard switched off. */
export interface Mutant {
  readonly name: string;
  /** What the guard is there for. */
  readonly guard: string;
  readonly edits: readonly Edit[];
  /** Where it has to show, tried in this order. */
  readonly worlds: readonly (WorldRef | TraceRef)[];
  /** Part of the small set that every change runs. */
  readonly isQuick: boolean;
}
