import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit, Mutant } from './mutant.ts';

const COPIED = [
  'src',
  'migrations',
  'test/simulation',
  'test/mutations',
  'package.json',
  'tsconfig.json',
];

/** A copy of the sources outside the repository with one guard switched off; the repository itself is never touched. */
export function makePatchedCopy(root: string, mutant: Mutant): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-mutant-'));
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const edit of mutant.edits) {
    const path = join(folder, edit.file);
    writeFileSync(path, patched(readFileSync(path, 'utf8'), edit));
  }
  return folder;
}

export function removeCopy(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The text after the edit. Throws unless what is to be replaced stands there exactly once. */
export function patched(text: string, { file, find, replace }: Edit): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(`${file} has ${parts.length - 1} times what is to be replaced: ${find}`);
  }
  return parts.join(replace);
}
