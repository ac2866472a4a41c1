import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Variable } from '../../src/config/variable.ts';
import { VARIABLE_GROUPS, VARIABLES } from '../../src/config/variables.ts';
import { parseConfig } from '../../src/config.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const page = read('docs/configuration.md');
const example = read('.env.example');

/** The variable's line in the table of docs/configuration.md. */
function tableRow(variable: Variable<unknown>): string {
  const names = [variable.name, ...variable.aliases].map((name) => `\`${name}\``).join(', ');
  const fallback = variable.defaultText === '' ? '–' : `\`${variable.defaultText}\``;
  const form = variable.isSecret ? `${variable.form}; secret` : variable.form;
  return `| ${names} | ${fallback} | ${form} | ${variable.description} |`;
}

describe('docs/configuration.md', () => {
  it('has a row for every variable and for nothing else, in the order of the table', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(VARIABLES.map(tableRow));
  });

  it('has a heading for every group', () => {
    for (const { title } of VARIABLE_GROUPS) expect(page).toContain(`\n### ${title}\n`);
  });
});

describe('.env.example', () => {
  const lines = example.split('\n');

  it('names every variable once with its default, commented out', () => {
    const settings = lines.filter((line) => /^#[A-Z_]+=/.test(line));
    expect(settings).toEqual(VARIABLES.map(({ name, defaultText }) => `#${name}=${defaultText}`));
  });

  it('says what each is for', () => {
    for (const variable of VARIABLES) {
      const at = lines.indexOf(`#${variable.name}=${variable.defaultText}`);
      expect(lines[at - 1]).toBe(`# ${variable.description}`);
    }
  });

  it('changes nothing when all of it is switched on', () => {
    const env = parseEnv(example.replaceAll(/^#([A-Z_]+=)/gm, '$1'));
    const key = { VASTAI_API_KEY: 'k' };
    const noFile = (): string => '';
    expect(parseConfig({ ...env, ...key }, noFile)).toEqual(parseConfig(key, noFile));
  });
});

it('gives no two variables the same name', () => {
  const names = VARIABLES.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
});
