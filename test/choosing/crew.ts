import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Errand } from './errand.ts';
import type { Tale } from './figures.ts';

export interface CrewOptions {
  readonly workers: number;
  readonly onTale: (tale: Tale, done: number) => void;
}

/** Runs each world in a process of its own, so many at once; in the order of the errands. */
export async function runErrands(
  errands: readonly Errand[],
  { workers, onTale }: CrewOptions,
): Promise<readonly Tale[]> {
  const tales: (Tale | undefined)[] = errands.map(() => undefined);
  const left = errands.entries();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const [index, errand] of left) {
      const tale = await runOne(errand);
      tales[index] = tale;
      done += 1;
      onTale(tale, done);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return tales.filter((tale) => tale !== undefined);
}

const WORLD = fileURLToPath(new URL('./world-process.ts', import.meta.url));

function runOne(errand: Errand): Promise<Tale> {
  const child = fork(WORLD, [JSON.stringify(errand)]);
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      assert(isTale(message), 'a world says how it went, and nothing else');
      resolve(message);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code !== 0) reject(new Error(`a world died with exit code ${code}`));
    });
  });
}

function isTale(message: unknown): message is Tale {
  return typeof message === 'object' && message !== null && 'requests' in message;
}
