import { BoundedMap } from '../runtime/bounded-map.ts';

/** Together with the next one: not more than 16 MiB, of which most callers need a hundredth. */
const MAX_ANSWERS = 200;
const MAX_ANSWER_CHARS = 80_000;
const MAX_TARGET_CHARS = 500;

interface KeptAnswer {
  readonly digest: string;
  body: string | Buffer;
}

/**
 * Answers by the target that was asked for, for as long as one and the same state of what they are made of lasts. Most of
 * those who read a menu ask the same few things.
 */
export class KeptAnswers<State extends object> {
  #state: State | undefined;
  #answers = new BoundedMap<string, KeptAnswer>(MAX_ANSWERS);

  find(target: string, state: State): KeptAnswer | undefined {
    if (this.#state !== state) return undefined;
    const answer = this.#answers.get(target);
    // One that is asked for again is made ready for the wire, once.
    if (answer && typeof answer.body === 'string') answer.body = Buffer.from(answer.body);
    return answer;
  }

  keep(target: string, state: State, answer: { readonly text: string; readonly digest: string }) {
    if (this.#state !== state) {
      this.#state = state;
      this.#answers = new BoundedMap(MAX_ANSWERS);
    }
    if (target.length > MAX_TARGET_CHARS || answer.text.length > MAX_ANSWER_CHARS) return;
    this.#answers.set(target, { body: answer.text, digest: answer.digest });
  }
}
