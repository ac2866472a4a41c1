import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit, Mutant } from './mutant.ts';

/** All of the tests: what a world needs of them is theirs to say, and a list of folders here went stale once. */
const COPIED = ['src', 'migrations', 'test', 'package.json', 'tsconfig.json'];

/** A copy of the sources outside the repository, so that the repository itself is never touched. */
export function makeCopy(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-mutant-'));
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Switches off one guard in a copy. */
export function applyEdits(folder: string, { edits }: Mutant): void {
  for (const edit of edits) {
    const path = join(folder, edit.file);
    writeFileSync(path, patched(readFileSync(path, 'utf8'), edit));
  }
}

export function removeCopy(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The sources have moved on from under an edit. */
export class StaleEdit extends Error {
  override readonly name = 'StaleEdit';
}

/** The text after the edit. Throws unless what is to be replaced stands there exactly once. */
export function patched(text: string, { file, find, replace }: Edit): string {
  const parts = text.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new StaleEdit(`${file} has ${parts.length - 1} times what is to be replaced: ${find}`);
}
