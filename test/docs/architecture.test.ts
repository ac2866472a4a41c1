import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readPage } from './markdown.ts';

const folders = readdirSync('src', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [`${entry.name}/`] : [],
);

test('the picture and the list of the architecture have every folder of the sources, and no other', () => {
  const picture = readFileSync('docs/architecture.svg', 'utf8');
  const page = readPage('docs/architecture.md');
  expect(folders.length).toBeGreaterThan(10);
  expect(folders.filter((folder) => !picture.includes(folder))).toEqual([]);
  expect(folders.filter((folder) => !page.includes(folder))).toEqual([]);
  const named = [...picture.matchAll(/\b([a-z]+\/)(?=[ <])/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !folders.includes(name))).toEqual([]);
});
