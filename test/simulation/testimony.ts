import type { Session } from '../../src/domain/session.ts';

/** Something that bears on whether a session is idle, in marketplace time. */
export interface Word {
  readonly at: number;
  readonly isWork: boolean;
}

/** All that agents have said to a broker that lived, kept beside it. */
export class Testimony {
  readonly #words = new Map<string, Word[]>();

  wordsOf(id: string): readonly Word[] {
    return this.#words.get(id) ?? [];
  }

  note(id: string, word: Word): void {
    this.#words.set(id, [...this.wordsOf(id), word]);
  }

  /** Whoever extends a session that runs is taken to have work for it. */
  noteCommit(session: Session, before: Session | undefined, at: number): void {
    const isExtended = before !== undefined && session.expiresAt > before.expiresAt;
    if (isExtended && before.runningAt !== undefined) this.note(session.id, { at, isWork: true });
  }
}
