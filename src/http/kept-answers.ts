import { BoundedMap } from '../runtime/bounded-map.ts';
import { AskedBefore } from './asked-before.ts';
import type { ReadyBytes } from './views/offer-rows.ts';

/** Together with the next one: not more than 16 MiB, of which most callers need a hundredth. */
const MAX_ANSWERS = 200;
const MAX_ANSWER_BYTES = 80_000;
const MAX_TARGET_CHARS = 500;

/**
 * Answers by the target that was asked for, for as long as one and the same state of what they are made of lasts. Most of
 * those who read a menu ask the same few things, over and over: an answer is kept from the second time on.
 */
export class KeptAnswers<State extends object> {
  #state: State | undefined;
  #answers = new BoundedMap<string, ReadyBytes>(MAX_ANSWERS);
  readonly #asked = new AskedBefore();

  find(target: string, state: State): ReadyBytes | undefined {
    return this.#state === state ? this.#answers.get(target) : undefined;
  }

  keep(target: string, state: State, answer: ReadyBytes): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#answers = new BoundedMap(MAX_ANSWERS);
    }
    if (target.length > MAX_TARGET_CHARS || answer.body.length > MAX_ANSWER_BYTES) return;
    if (!this.#asked.has(target)) return;
    const { body, digest } = answer;
    this.#answers.set(target, { body: Buffer.from(body), digest, giveBack: undefined });
  }
}
