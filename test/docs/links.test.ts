import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { anchorsOf, pages, readPage, relativeLinks } from './markdown.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What is wrong with a link of a page, or nothing. */
function faultOf(page: string, target: string): string | undefined {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page : normalize(join(dirname(page), file));
  if (path.startsWith('..') || !existsSync(join(ROOT, path))) return `${target}: no such file`;
  if (anchor === undefined) return undefined;
  return anchorsOf(readPage(path)).has(anchor) ? undefined : `${target}: no such heading`;
}

describe.each(pages())('%s', (page) => {
  it('links to files and headings that exist', () => {
    const faults = relativeLinks(readPage(page)).map((target) => faultOf(page, target));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const named = [...readPage(page).matchAll(/npm run (?:--silent )?([a-z]+)/g)].map(
      ([, name = '']) => name,
    );
    const builtIn = [...readPage(page).matchAll(/`npm (start|test)/g)].map(([, name = '']) => name);
    const known = new Set(Object.keys(packageJson.scripts));
    expect([...named, ...builtIn].filter((name) => !known.has(name))).toEqual([]);
  });
});

it('sees a broken link', () => {
  expect(faultOf('README.md', 'docs/nothing.md')).toBe('docs/nothing.md: no such file');
  expect(faultOf('README.md', '../outside.md')).toBe('../outside.md: no such file');
  expect(faultOf('README.md', '#no-such-part')).toBe('#no-such-part: no such heading');
});

it('looks at every page of the documentation and at the adapters’ own', () => {
  expect(pages()).toEqual(
    expect.arrayContaining([
      'README.md',
      'docs/operations.md',
      'docs/adr/README.md',
      'src/providers/vastai/README.md',
    ]),
  );
});
