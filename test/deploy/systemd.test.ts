import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VARIABLES } from '../../src/config/variables.ts';

const UNIT = 'deploy/systemd/gpu-broker.service';
/** Of systemd's scale from 0 to 10, in tenths: what it calls well protected ends at 2. */
const WORST_EXPOSURE = '20';

let folder: string;
let unit: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-unit-'));
  unit = join(folder, 'gpu-broker.service');
  // The checker looks whether the programs are there; here they stand elsewhere.
  const text = readFileSync(UNIT, 'utf8').replaceAll('/usr/bin/node', process.execPath);
  writeFileSync(unit, text);
  cpSync(UNIT, join(folder, 'as-it-is.service'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('systemd finds nothing wrong with the unit', ({ skip }) => {
  const { error, status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', unit], {
    encoding: 'utf8',
  });
  skip(error !== undefined, 'systemd-analyze is not installed');
  expect(`${stdout}${stderr}`).not.toContain('gpu-broker.service:');
  expect(status).toBe(0);
});

test('systemd calls the service well protected', ({ skip }) => {
  const args = ['security', '--offline=true', `--threshold=${WORST_EXPOSURE}`, unit];
  const { error, status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  skip(error !== undefined, 'systemd-analyze is not installed');
  expect(stdout).toMatch(/exposure level for gpu-broker\.service: [\d.]+ OK/);
  expect(status).toBe(0);
});

test('what the program does of itself is not forbidden', () => {
  const text = readFileSync(UNIT, 'utf8');
  // Without it a start with HOST=0.0.0.0 breaks off where the server lists its addresses.
  expect(text).toMatch(/^RestrictAddressFamilies=.*\bAF_NETLINK\b/m);
  // A later line adds to what an earlier one has left.
  expect(text).toMatch(/^SystemCallFilter=~.*@resources\n(?:#.*\n)*SystemCallFilter=setpriority$/m);
});

test('each variable that the unit sets is one that the program reads, and each credential is used', () => {
  const text = readFileSync(UNIT, 'utf8');
  const known = VARIABLES.flatMap(({ name, isSecret }) =>
    isSecret ? [name, `${name}_FILE`] : [name],
  );
  const set = [...text.matchAll(/^Environment=(\w+)=/gm)].map(([, name = '']) => name);
  expect(set.filter((name) => ![...known, 'NODE_ENV'].includes(name))).toEqual([]);
  const loaded = [...text.matchAll(/^LoadCredential=(\w+):/gm)].map(([, name = '']) => name);
  const used = [...text.matchAll(/^Environment=\w+_FILE=%d\/(\w+)$/gm)].map(
    ([, name = '']) => name,
  );
  expect(loaded.length).toBeGreaterThan(2);
  expect(used).toEqual(loaded);
});
