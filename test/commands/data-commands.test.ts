import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONFIG_COMMAND } from '../../src/commands/config-command.ts';
import { DATA_COMMANDS } from '../../src/commands/data-commands.ts';
import { seal } from '../../src/ssh/seal.ts';
import { loadSecretsKey } from '../../src/ssh/secrets-key.ts';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/open-store.ts';
import { DEPLOYMENT, session, sessionId } from '../support/builders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name = 'broker.db'): string => join(folder, name);

/** What a command said, and its exit code. */
async function run(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const command = [...DATA_COMMANDS, CONFIG_COMMAND].find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  const said: string[] = [];
  const context = {
    env: { DATABASE_PATH: path(), ...env },
    readFile: (file: string) => readFileSync(file, 'utf8'),
    say: (line: string) => void said.push(line),
  };
  const code = await command.run(args, context);
  return { code, said: said.join('\n') };
}

async function withSession(number = 1, database = path()): Promise<void> {
  const { store } = await openStore({ path: database, newDeploymentId: () => DEPLOYMENT });
  const key = loadSecretsKey({ kind: 'file', path: join(folder, 'secrets.key') });
  const id = sessionId(number);
  await store.create({
    session: session({ id, sealedPrivateKey: seal(key, 'key', id) }),
    events: [],
  });
  await store.close();
}

async function idsIn(database: string): Promise<readonly string[]> {
  const { store } = await openStore({ path: database, newDeploymentId: () => DEPLOYMENT });
  const ids = await store.openIds();
  await store.close();
  return ids;
}

describe('backup', () => {
  test('copies a database that a broker is writing, as it stood between two steps', async () => {
    const script = resolve('test/store/writing-process.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, path()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout)) {
      if (Number(line) < 5) continue;
      if (Number(line) === 5) expect((await run('backup', [path('copy.db')])).code).toBe(0);
      child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(statSync(path('copy.db')).mode & 0o777).toBe(0o600);
    const { store } = await openStore({ path: path('copy.db'), newDeploymentId: () => 'other1' });
    const events = await store.events(sessionId(), 1_000_000);
    expect((await store.load(sessionId()))?.version).toBe(events.length + 1);
    expect(events.length).toBeGreaterThanOrEqual(5);
    await store.close();
  }, 30_000);

  test('says what it holds and which key goes with it', async () => {
    await withSession();
    const { said } = await run('backup', [path('copy.db')]);
    expect(said).toContain(`deployment ${DEPLOYMENT}`);
    expect(said).toContain('1 sessions, 1 of them open');
    expect(said).toContain(path('secrets.key'));
  });

  test('never writes over anything, and leaves nothing half made', async () => {
    await withSession();
    writeFileSync(path('copy.db'), 'precious');
    await expect(run('backup', [path('copy.db')])).rejects.toThrow(/exists already/);
    expect(readFileSync(path('copy.db'), 'utf8')).toBe('precious');
    await expect(run('backup', [path('no/where.db')])).rejects.toThrow();
    await expect(run('backup', [])).rejects.toThrow('name one file');
    rmSync(path());
    await expect(run('backup', [path('other.db')])).rejects.toThrow(/there is no file/);
    expect(existsSync(path('other.db'))).toBe(false);
    expect(existsSync(path('copy.db.part'))).toBe(false);
  });
});

describe('restore', () => {
  test('puts the backup in place, and keeps what was there', async () => {
    await withSession(1);
    await run('backup', [path('copy.db')]);
    await withSession(2);
    const { code, said } = await run('restore', [path('copy.db')]);
    expect(code).toBe(0);
    expect(said).toContain('SWEEP_DRY_RUN=true');
    expect(await idsIn(path())).toEqual([sessionId(1)]);
    expect(await idsIn(path('broker.db.before-restore'))).toEqual([sessionId(1), sessionId(2)]);
    await run('restore', [path('copy.db')]);
    expect(existsSync(path('broker.db.before-restore.2'))).toBe(true);
  });

  test('takes nothing of the former write-ahead log with it', async () => {
    await withSession(1);
    await run('backup', [path('copy.db')]);
    const { store } = await openStore({ path: path(), newDeploymentId: () => DEPLOYMENT });
    await store.create({ session: session({ id: sessionId(3) }), events: [] });
    for (const suffix of ['', '-wal', '-shm'])
      copyFileSync(path(`broker.db${suffix}`), path(`crashed.db${suffix}`));
    await store.close();
    const env = { DATABASE_PATH: path('crashed.db') };
    expect((await run('restore', [path('copy.db')], env)).code).toBe(0);
    expect(await idsIn(path('crashed.db'))).toEqual([sessionId(1)]);
    expect(await idsIn(path('crashed.db.before-restore'))).toEqual([sessionId(1), sessionId(3)]);
  });

  test('does nothing while a broker runs', async () => {
    await withSession(1);
    await run('backup', [path('copy.db')]);
    const { store } = await openStore({ path: path(), newDeploymentId: () => DEPLOYMENT });
    await store.create({ session: session({ id: sessionId(2) }), events: [] });
    await expect(run('restore', [path('copy.db')])).rejects.toThrow(/Another process/);
    await store.close();
    expect(await idsIn(path())).toEqual([sessionId(1), sessionId(2)]);
  });

  test('--verify tells a good backup and changes nothing', async () => {
    await withSession(1);
    await run('backup', [path('copy.db')]);
    await withSession(2);
    const { code, said } = await run('restore', ['--verify', path('copy.db')]);
    expect([code, said]).toEqual([0, expect.stringContaining('the backup is good')]);
    expect(await idsIn(path())).toEqual([sessionId(1), sessionId(2)]);
  });

  test('refuses a damaged one, one of another deployment, and one that the key does not open', async () => {
    await withSession(1);
    await run('backup', [path('copy.db')]);
    const other = await run('restore', [path('copy.db')], { DEPLOYMENT_ID: 'other1' });
    expect([other.code, other.said]).toEqual([
      1,
      expect.stringContaining(`deployment ${DEPLOYMENT}`),
    ]);
    const locked = await run('restore', [path('copy.db')], { SECRETS_KEY: 'ab'.repeat(32) });
    expect([locked.code, locked.said]).toEqual([
      1,
      expect.stringContaining('does not open the keys of 1'),
    ]);
    const bytes = readFileSync(path('copy.db'));
    bytes.fill(0x5a, 8_192, 16_384);
    writeFileSync(path('damaged.db'), bytes);
    const damaged = await run('restore', [path('damaged.db')]).catch((error: unknown) => ({
      code: 1,
      said: String(error),
    }));
    expect(damaged.code).toBe(1);
    writeFileSync(
      path('text.db'),
      'this is no database, but long enough to look like one'.repeat(9),
    );
    await expect(run('restore', [path('text.db')])).rejects.toThrow(/not a database/);
    expect(await idsIn(path())).toEqual([sessionId(1)]);
  });
});

describe('check and migrate', () => {
  test('find nothing wrong with a good database, and change nothing', async () => {
    await withSession();
    const before = readFileSync(path());
    expect(await run('check', [])).toMatchObject({
      code: 0,
      said: expect.stringContaining('nothing is wrong'),
    });
    expect(await run('migrate', ['--status'])).toMatchObject({
      code: 0,
      said: expect.stringContaining('missing: none'),
    });
    expect(readFileSync(path()).equals(before)).toBe(true);
  });

  test('migrate brings an older database forward, once', async () => {
    const older = new Sqlite(path());
    migrate(older, readMigrations(MIGRATIONS_FOLDER).slice(0, 5));
    older.exec("INSERT INTO meta VALUES ('deployment_id', 'older1')");
    older.close();
    expect((await run('migrate', ['--status'])).said).toContain(
      '5 migrations are applied; missing: cost_sums',
    );
    expect((await run('migrate', [])).said).toContain('applied: cost_sums');
    expect((await run('migrate', [])).said).toContain('missing: none');
  });

  test('find rows whose session is gone, a key that is lost, and a newer schema', async () => {
    await withSession();
    rmSync(path('secrets.key'));
    expect((await run('check', [])).said).toContain('there is no secrets key');
    const database = new Sqlite(path());
    database.pragma('foreign_keys = OFF');
    database.exec(
      "INSERT INTO cost_entries (session_id, place, seq, part, rate_micro_usd_per_hour, started_at) VALUES ('sess-0000000000000009', 0, 0, 'gpu', 1, 1)",
    );
    expect((await run('check', [])).said).toContain(
      'of cost_entries refers to a row that is not there',
    );
    database.exec("INSERT INTO migrations VALUES (999, 'from_the_future', 'x')");
    database.close();
    const { code, said } = await run('check', []);
    expect([code, said]).toEqual([1, expect.stringContaining('newer version')]);
    expect((await run('migrate', [])).code).toBe(1);
  });
});

describe('config', () => {
  test('check tells all problems at once, and print shows no secret', async () => {
    const env = { VASTAI_API_KEY: 'very-secret', PORT: 'none', RATE_LIMIT_PER_MINUTE: 'x' };
    const bad = await run('config', ['check'], env);
    expect(bad.code).toBe(2);
    expect(bad.said).toMatch(/PORT[\s\S]*RATE_LIMIT_PER_MINUTE|RATE_LIMIT_PER_MINUTE[\s\S]*PORT/);
    const good = await run('config', ['check'], { VASTAI_API_KEY: 'very-secret' });
    expect(good).toMatchObject({
      code: 0,
      said: expect.stringContaining('the configuration is good'),
    });
    const shown = await run('config', ['print'], { VASTAI_API_KEY: 'very-secret', PORT: '9090' });
    expect(shown.said).toContain('VASTAI_API_KEY=[set]');
    expect(shown.said).toContain('PORT=9090  # PORT');
    expect(shown.said).toContain('HOST=127.0.0.1');
    expect(bad.said + good.said + shown.said).not.toContain('very-secret');
    await expect(run('config', ['shout'])).rejects.toThrow('config check or config print');
  });
});
