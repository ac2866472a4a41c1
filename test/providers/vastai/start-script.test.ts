import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProviderFailure } from '../../../src/domain/errors.ts';
import { startScript } from '../../../src/providers/vastai/start-script.ts';

const HASH = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'start-script-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs a script as a container would, in a directory instead of the root and at home there. */
function run(script: string | undefined, variables: Readonly<Record<string, string>> = {}): string {
  const here = (script ?? '').replaceAll('/etc/environment', `${home}/environment`);
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...variables };
  return execFileSync('/bin/sh', ['-c', here], {
    env,
    cwd: home,
    encoding: 'utf8',
    timeout: 10_000,
  });
}

function textOf(name: string): string {
  return readFileSync(join(home, name), 'utf8');
}

/** Text that does not compress. */
function noise(length: number): string {
  let state = 1;
  let text = '';
  while (text.length < length) {
    state = (state * 48_271) % 2_147_483_647;
    text += state.toString(36);
  }
  return text.slice(0, length);
}

describe('the start script of a machine to log in to', () => {
  it('shows logins the variables of this start, and what the image had', () => {
    writeFileSync(join(home, 'environment'), 'IMAGE=1\n');
    const script = startScript({ kind: 'ssh' });
    run(script, { PORT_8000: '41000' });
    run(script, { PORT_8000: '42000' });
    const shown = textOf('environment').split('\n');
    expect(shown).toContain('IMAGE=1');
    expect(shown).toContain('PORT_8000=42000');
    expect(shown).not.toContain('PORT_8000=41000');
    expect(textOf('.no_auto_tmux')).toBe('');
  });

  it('runs the command of the request last, however it is written', () => {
    const script = startScript({ kind: 'ssh', onStart: 'ls -a ~ # what is there\nexit 0' });
    expect(run(script)).toContain('.no_auto_tmux');
  });

  it('leaves the script to the template when the request has none', () => {
    const template = { hashId: HASH, onStart: 'entrypoint.sh' };
    expect(startScript({ kind: 'ssh', template })).toBeUndefined();
  });

  it("begins with the template's, and does not wait for it", () => {
    const template = { hashId: HASH, onStart: 'until [ -e b ]; do true; done\necho first; exit 1' };
    const script = startScript({ kind: 'ssh', template, onStart: 'touch b; wait; echo second' });
    expect(run(script)).toBe('first\nsecond\n');
  });

  it("does not touch the template's file of variables", () => {
    const template = { hashId: HASH };
    expect(startScript({ kind: 'ssh', template, onStart: 'true' })).not.toContain('environment');
  });

  it('packs what is too long, and runs the same', () => {
    const long = `# ${'a comment that goes on '.repeat(300)}\necho "it's ü"`;
    const script = startScript({ kind: 'ssh', onStart: long });
    expect(script?.length).toBeLessThan(1_000);
    expect(run(script)).toBe("it's ü\n");
  });

  it('sends what packing does not shorten as it is, up to the limit that was seen', () => {
    const template = { hashId: HASH, onStart: `# ${noise(5_000)}` };
    expect(startScript({ kind: 'ssh', template, onStart: 'true' })?.length).toBeGreaterThan(3_900);
    const endless = { hashId: HASH, onStart: `# ${noise(40_000)}` };
    const launch = () => startScript({ kind: 'ssh', template: endless, onStart: 'true' });
    expect(launch).toThrow(ProviderFailure);
    expect(launch).toThrow('too long');
  });
});
