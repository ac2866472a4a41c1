import assert from 'node:assert/strict';
import process from 'node:process';
import type { Word } from './crew.ts';
import { runWorld } from './world.ts';

/** One process of the crew: runs the worlds that it is given, and ends when the crew lets it go. */
process.on('message', async (seeds) => {
  assert(Array.isArray(seeds), 'an errand is a list of seeds');
  for (const seed of seeds) say(await wordOf(Number(seed)));
  say({ kind: 'idle' });
});

async function wordOf(seed: number): Promise<Word> {
  try {
    return { kind: 'report', report: await runWorld({ seed }) };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'broke', seed, message };
  }
}

function say(word: Word): void {
  process.send?.(word);
}
