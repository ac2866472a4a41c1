import assert from 'node:assert/strict';
import process from 'node:process';
import type { Errand, Word } from './crew.ts';
import { runWorld, type WorldOptions } from './world.ts';

/** One process of the crew: runs the worlds that it is given, and ends when the crew lets it go. */
process.on('message', async (errand) => {
  assert(isErrand(errand), 'a worker is given errands');
  const theme = errand.theme === undefined ? {} : { theme: errand.theme };
  for (const seed of errand.seeds) say(await wordOf({ seed, ...theme }));
  say({ kind: 'idle' });
});

function isErrand(message: unknown): message is Errand {
  return typeof message === 'object' && message !== null && 'seeds' in message;
}

async function wordOf(options: WorldOptions): Promise<Word> {
  try {
    return { kind: 'report', report: await runWorld(options) };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'broke', seed: options.seed, message };
  }
}

function say(word: Word): void {
  process.send?.(word);
}
