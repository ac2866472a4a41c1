import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIRECTED_WORLDS } from '../simulation/directed.ts';
import { readPage } from './markdown.ts';

const ROOT = join(import.meta.dirname, '../..');
const DIRECTED = 'test/simulation/directed.ts';
const rows = readRows(readPage('docs/operations.md'));

/** What an operator has to find in the table, in the words of its first column. */
const ASKED_FOR = [
  '`kill -9` or a power cut, at any call of a launch',
  'the same at any call of an end',
  'the same at random moments',
  'a reservation is over while the broker is down',
  'the answer to a launch is lost',
  'a launch is delivered twice',
  'the answer is an error and names a machine',
  'a stop in the middle of a launch',
  'an agent on a machine falls silent',
  'the client hangs up',
  'the offer is gone',
  'a provider is down for hours',
  'a list fails',
  'a list is short',
  'a list is empty',
  'everything is missing',
  'a machine is really gone',
  'a delete is accepted, but the machine lives',
  'a rate limit',
  'a key is revoked',
  'a key is narrowed',
  'the credit is gone',
  'the disk is full',
  'the clock is wrong: set forward',
  'the clock is wrong: set back',
  'restored from an old backup',
  'it is lost',
  'it belongs to another deployment',
  'two brokers are started on one file',
  'a second broker is started on a copy',
  'two brokers have one deployment id over two databases',
  'more orphans than the limit',
  'a dry run',
];

interface Row {
  readonly what: string;
  readonly does: string;
  readonly shownBy: string;
}

/** A file of the repository, and a test in it; or a directed world. */
interface Proof {
  readonly path: string;
  readonly name: string;
}

/** All rows of the section, whatever headings stand between its tables. */
function readRows(page: string): readonly Row[] {
  const [, rest = ''] = page.split('\n## What happens when\n');
  const [section = ''] = rest.split('\n## ');
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return cells
    .filter(([, what]) => what !== 'what')
    .map(([, what = '', does = '', shownBy = '']) => ({ what, does, shownBy }));
}

/** Undefined where the text is not what a proof looks like: a typing error must not hide one. */
function readProof(text: string): Proof | undefined {
  const match = /^\[[a-z-]+\]\(\.\.\/(test\/[^)]+)\) `([^`]+)`$/.exec(text);
  const [, path, name] = match ?? [];
  return path === undefined || name === undefined ? undefined : { path, name };
}

/** What is wrong with one entry of the last column, or nothing. */
function faultOf(text: string): string | undefined {
  const proof = readProof(text);
  if (!proof) return `"${text}" names no test`;
  const { path, name } = proof;
  if (path === DIRECTED) return name in DIRECTED_WORLDS ? undefined : `no world "${name}"`;
  if (!existsSync(join(ROOT, path))) return `no file ${path}`;
  return hasTest(readFileSync(join(ROOT, path), 'utf8'), name)
    ? undefined
    : `no test "${name}" in ${path}`;
}

/** Whether the text stands there as a whole literal, as the name of a test does. */
function hasTest(source: string, name: string): boolean {
  return [`'${name}'`, `"${name}"`].some((literal) => source.includes(literal));
}

function faultsOf({ what, does, shownBy }: Row): readonly string[] {
  const faults = shownBy.split('<br>').flatMap((text) => faultOf(text) ?? []);
  return does === '' ? [`"${what}" says nothing`, ...faults] : faults;
}

describe('the table "what happens when" of docs/operations.md', () => {
  it.each(rows)('names tests that exist: $what', (row) => {
    expect(faultsOf(row)).toEqual([]);
  });

  it.each(ASKED_FOR)('has a row about: %s', (phrase) => {
    expect(rows.filter(({ what }) => what.includes(phrase))).toHaveLength(1);
  });

  it('has no row twice', () => {
    expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length);
  });
});

describe('the check of it', () => {
  const LOST = '[lost](../test/sessions/lost.test.ts)';

  it('takes a test, and a directed world', () => {
    expect(faultOf(`${LOST} \`is not given up while the direct question fails\``)).toBeUndefined();
    expect(faultOf(`[directed](../${DIRECTED}) \`calm day\``)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a sentence without a test', 'see the tests'],
    ['a file without a name', LOST],
    ['a test that does not exist', `${LOST} \`is given up at once\``],
    ['a part of a name', `${LOST} \`is not given up while\``],
    ['a file that does not exist', '[gone](../test/gone.test.ts) `any`'],
    ['a world that does not exist', `[directed](../${DIRECTED}) \`a day like no other\``],
  ])('sees %s', (_what, text) => {
    expect(faultOf(text)).toBeDefined();
  });

  it('reads rows of every table of the section, and of no other', () => {
    const head = '| what | does | shown by |\n|---|---|---|\n';
    const page = [
      `\n## Before\n${head}| no | no | no |`,
      `\n## What happens when\n\n### One\n${head}| a | b | c |\n\n### Two\n${head}| d | e | f |`,
      `\n## After\n${head}| no | no | no |\n`,
    ].join('\n');
    expect(readRows(page)).toEqual([
      { what: 'a', does: 'b', shownBy: 'c' },
      { what: 'd', does: 'e', shownBy: 'f' },
    ]);
  });
});
