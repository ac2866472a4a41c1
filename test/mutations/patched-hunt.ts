import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Edit, Mutant } from './mutant.ts';

/** What the hunt finds by its own place. */
const BESIDE = ['node_modules', 'migrations'];
const HUNT = 'test/mutations/hunt.ts';

/** A folder outside the repository for the hunts: the sources are only read. */
export function openFolder(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-mutant-'));
  for (const name of BESIDE) symlinkSync(join(root, name), join(folder, name));
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * The hunt with one guard switched off, as one file: a process that had to find and compile some hundreds of sources would
 * take several times as long for that as for its worlds.
 */
export async function writeHunt(
  { root, folder }: { readonly root: string; readonly folder: string },
  { name, edits }: Mutant,
): Promise<string> {
  const texts = new Map<string, string>();
  for (const edit of edits) {
    const path = join(root, edit.file);
    texts.set(path, patched(texts.get(path) ?? readFileSync(path, 'utf8'), edit));
  }
  const file = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(root, HUNT)],
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.20',
    packages: 'external',
    plugins: [insteadOfFiles(texts)],
    logLevel: 'warning',
  });
  return file;
}

function insteadOfFiles(texts: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'patched texts',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = texts.get(path);
        return contents === undefined ? undefined : { contents, loader: 'ts' };
      }),
  };
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
