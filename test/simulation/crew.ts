import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Theme } from './plan.ts';
import type { WorldReport } from './world.ts';

/** So few that the crew ends together, so many that handing them out costs nothing beside them. */
const SEEDS_AT_ONCE = 4;

/** What a worker is given to do: some seeds, and what all their worlds are to be about, or each its own theme. */
export interface Errand {
  readonly seeds: readonly number[];
  readonly theme: Theme | undefined;
}

/** What a worker says: one for each seed, and one for each errand that is done. */
export type Word =
  | { readonly kind: 'report'; readonly report: WorldReport }
  /** The harness itself failed: no promise, and still nothing to pass over. */
  | { readonly kind: 'broke'; readonly seed: number; readonly message: string }
  | { readonly kind: 'idle' };

export interface CrewOptions {
  readonly from: number;
  readonly count: number;
  readonly theme: Theme | undefined;
  readonly workers: number;
  readonly onWord: (word: Exclude<Word, { kind: 'idle' }>) => void;
}

/** Runs the worlds of many seeds, in as many processes; who is through with a few takes the next few, so that a slow world holds up nobody. */
export async function runSeeds(options: CrewOptions): Promise<void> {
  const errands = handOut(options);
  await Promise.all(Array.from({ length: options.workers }, () => employ(errands, options.onWord)));
}

function* handOut({ from, count, theme }: CrewOptions): Generator<Errand> {
  const end = from + count;
  for (let first = from; first < end; first += SEEDS_AT_ONCE) {
    const size = Math.min(SEEDS_AT_ONCE, end - first);
    yield { seeds: Array.from({ length: size }, (_, index) => first + index), theme };
  }
}

/** A process of its own, not a thread: one that dies takes no other's worlds with it. */
function employ(errands: Generator<Errand>, onWord: CrewOptions['onWord']): Promise<void> {
  const worker = fork(WORKER);
  const giveNext = (): void => {
    const next = errands.next();
    // A worker that is given nothing more to do has nothing left to keep it alive.
    if (next.done) worker.disconnect();
    else worker.send(next.value);
  };
  return new Promise((resolve, reject) => {
    worker.on('message', (word) => {
      assert(isWord(word), 'a worker says what it was taught to say');
      if (word.kind === 'idle') giveNext();
      else onWord(word);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a worker died with exit code ${code}`));
    });
    giveNext();
  });
}

const WORKER = fileURLToPath(new URL('./crew-worker.ts', import.meta.url));

function isWord(word: unknown): word is Word {
  return typeof word === 'object' && word !== null && 'kind' in word;
}
