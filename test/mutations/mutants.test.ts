import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { patched } from './patched-hunt.ts';
import { optionsOf } from './world-ref.ts';

const ROOT = resolve(import.meta.dirname, '../..');

test.each(MUTANTS)('"$name" still changes the sources as they are', ({ edits }) => {
  for (const edit of edits) {
    const text = readFileSync(resolve(ROOT, edit.file), 'utf8');
    expect(patched(text, edit)).not.toBe(text);
  }
  expect(edits.length).toBeGreaterThan(0);
});

test.each(MUTANTS)('"$name" is hunted in worlds that exist', ({ worlds }) => {
  expect(worlds.length).toBeGreaterThan(0);
  for (const ref of worlds) {
    if (!('traces' in ref)) expect(() => optionsOf(ref)).not.toThrow();
  }
});

test('every mutant has a name of its own', () => {
  const names = MUTANTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a text that does not stand there exactly once is not replaced', () => {
  const edit = { file: 'a.ts', find: 'x', replace: 'y' };
  expect(() => patched('a b', edit)).toThrow('0 times');
  expect(() => patched('x x', edit)).toThrow('2 times');
  expect(patched('a x b', edit)).toBe('a y b');
});
