import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/adding-a-provider.md', ROOT), 'utf8');

/** What the page's table says a part took, in the order of its columns; a dash counts nothing. */
function saidOf(part: string): readonly (number | undefined)[] {
  const row = PAGE.split('\n').find((line) => line.startsWith(`| ${part} |`)) ?? '';
  const cells = row.split('|').slice(2, -1);
  return cells.map((cell) => (cell.trim() === '–' ? undefined : Number(cell)));
}

function linesIn(folder: string): number {
  const url = new URL(`${folder}/`, ROOT);
  const sources = readdirSync(url).filter((name) => name.endsWith('.ts'));
  return sources.reduce((sum, name) => sum + linesOf(`${folder}/${name}`), 0);
}

function linesOf(file: string): number {
  return readFileSync(new URL(file, ROOT), 'utf8').split('\n').length - 1;
}

const DOCK = linesIn('src/providers/tensordock');
const DOCK_FACADE = linesIn('src/simulator/tensordock');
const SUBJECTS = 'test/providers/conformance/subjects';

it.each<readonly [part: string, lines: readonly (number | undefined)[]]>([
  [
    "the adapter's own folder",
    ['vastai', 'tensordock/v2', 'tensordock/v0'].map((name) => linesIn(`src/providers/${name}`)),
  ],
  ['shared by both APIs of the marketplace', [undefined, DOCK, DOCK]],
  [
    'façade of the simulated marketplace, both APIs of one together',
    [linesIn('src/simulator/vastai'), DOCK_FACADE, DOCK_FACADE],
  ],
  [
    'its subject for the conformance kit',
    ['vastai', 'tensordock-v2', 'tensordock-v0'].map((name) => linesOf(`${SUBJECTS}/${name}.ts`)),
  ],
])('the page on adding a provider tells the lines of %s within a tenth', (part, lines) => {
  const said = saidOf(part);
  expect(said).toHaveLength(lines.length);
  for (const [index, count] of lines.entries()) {
    const told = said[index];
    const isTold = count === undefined ? told === undefined : isWithinATenth(told, count);
    expect(isTold, `${part}: ${told} for ${count}`).toBe(true);
  }
});

it('the page on adding a provider tells the lines that are there already within a tenth', () => {
  const said = /, (\d+) lines in `src\/providers\/`/.exec(PAGE)?.[1];
  expect(isWithinATenth(Number(said), linesIn('src/providers'))).toBe(true);
});

function isWithinATenth(told: number | undefined, count: number): boolean {
  return told !== undefined && Math.abs(told - count) <= count / 10;
}
