import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseStoreConfig, type StoreConfigResult } from '../config.ts';
import { openSealed } from '../ssh/seal.ts';
import { loadSecretsKey } from '../ssh/secrets-key.ts';
import { openFileDatabase } from '../store/database.ts';
import { copyDatabase, replaceDatabase } from '../store/database-copy.ts';
import { type DatabaseReport, examineDatabase } from '../store/database-report.ts';
import { type Command, type CommandContext, CommandError, EXIT_BAD, EXIT_GOOD } from './command.ts';

type Kept = Extract<StoreConfigResult, { ok: true }>['store'];

const backup: Command = {
  name: 'backup',
  usage: `gpu-broker backup FILE
  Copies the database to FILE, which must not exist yet; the broker may be running. The key that opens the session
  keys in it stands elsewhere and has to be kept as well.`,
  run: (args, context) => {
    const { databasePath, secretsKey } = keptOf(context);
    const target = onlyFile(args);
    copyDatabase(existing(databasePath), target);
    tell(context, examineDatabase(target));
    context.say(
      secretsKey === undefined
        ? `keep ${keyPathOf(databasePath)} as well, somewhere else: without it the session keys in the backup cannot be opened`
        : 'keep SECRETS_KEY as well, somewhere else: without it the session keys in the backup cannot be opened',
    );
    return EXIT_GOOD;
  },
};

const restore: Command = {
  name: 'restore',
  usage: `gpu-broker restore [--verify] FILE
  Puts a backup in the place of the database, while no broker runs; what was there is kept beside it. With --verify it
  only looks whether the backup is sound, of this program, and opened by the secrets key, and changes nothing.`,
  run: (args, context) => {
    const { values, positionals } = parsed(args, { verify: { type: 'boolean', default: false } });
    const kept = keptOf(context);
    const file = existing(onlyFile(positionals));
    const report = examineDatabase(file);
    tell(context, report);
    const problems = problemsOf(report, kept);
    for (const problem of problems) context.say(`problem: ${problem}`);
    if (problems.length > 0) return EXIT_BAD;
    if (values['verify'] === true) {
      context.say('the backup is good');
      return EXIT_GOOD;
    }
    const path = kept.databasePath;
    const replaced = replaceDatabase(path, {
      backup: file,
      keepAs: freeName(`${path}.before-restore`),
    });
    if (replaced !== undefined) context.say(`what was there is kept as ${replaced}`);
    context.say(
      `${path} is the backup now; start with SWEEP_DRY_RUN=true first, so that machines which are newer than it are held for your word and not ended`,
    );
    return EXIT_GOOD;
  },
};

const migrate: Command = {
  name: 'migrate',
  usage: `gpu-broker migrate [--status]
  Brings the database to this version's schema, as every start does. With --status it only tells what is missing.`,
  run: async (args, context) => {
    const { values } = parsed(args, { status: { type: 'boolean', default: false } });
    const path = existing(keptOf(context).databasePath);
    const before = examineDatabase(path);
    for (const problem of before.problems) context.say(`problem: ${problem}`);
    if (before.problems.length > 0) return EXIT_BAD;
    const list = before.pending.length === 0 ? 'none' : before.pending.join(', ');
    context.say(`${before.migrations} migrations are applied; missing: ${list}`);
    if (values['status'] === true || before.pending.length === 0) return EXIT_GOOD;
    await openFileDatabase(path).close();
    context.say(`applied: ${list}`);
    return EXIT_GOOD;
  },
};

const check: Command = {
  name: 'check',
  usage: `gpu-broker check
  Looks through the database, its references, its schema and the keys in it. Changes nothing; the broker may be running.`,
  run: (args, context) => {
    parsed(args, {});
    const kept = keptOf(context);
    const report = examineDatabase(existing(kept.databasePath));
    tell(context, report);
    const problems = problemsOf(report, kept);
    for (const problem of problems) context.say(`problem: ${problem}`);
    if (problems.length === 0) context.say('nothing is wrong');
    return problems.length === 0 ? EXIT_GOOD : EXIT_BAD;
  },
};

export const DATA_COMMANDS: readonly Command[] = [backup, restore, migrate, check];

function keptOf({ env, readFile }: CommandContext): Kept {
  const result = parseStoreConfig(env, readFile);
  if (!result.ok) throw new CommandError(result.problems.join('; '));
  return result.store;
}

function problemsOf(report: DatabaseReport, { deploymentId, ...kept }: Kept): readonly string[] {
  const isOther = deploymentId !== undefined && report.deploymentId !== deploymentId;
  return [
    ...report.problems,
    ...(report.deploymentId === undefined
      ? ['it has no deployment id: it is no database of this program']
      : []),
    ...(isOther && report.deploymentId !== undefined
      ? [`it belongs to deployment ${report.deploymentId}, and DEPLOYMENT_ID is ${deploymentId}`]
      : []),
    ...keyProblems(report, kept),
  ];
}

/** Sessions that are open and whose keys nobody could hand out or log in with any more. */
function keyProblems(
  { sealed }: DatabaseReport,
  { databasePath, secretsKey }: Omit<Kept, 'deploymentId'>,
): readonly string[] {
  if (sealed.length === 0) return [];
  const path = keyPathOf(databasePath);
  if (secretsKey === undefined && !existsSync(path)) {
    return [
      `${sealed.length} open sessions have sealed keys, and there is no secrets key at ${path}`,
    ];
  }
  const key = loadSecretsKey(
    secretsKey === undefined ? { kind: 'file', path } : { kind: 'given', text: secretsKey },
  );
  const closed = sealed.filter(
    ({ sessionId, sealedPrivateKey }) => !isOpened(key, sealedPrivateKey, sessionId),
  );
  return closed.length === 0
    ? []
    : [
        `the secrets key does not open the keys of ${closed.length} of ${sealed.length} open sessions`,
      ];
}

function isOpened(key: Buffer, sealed: string, context: string): boolean {
  try {
    openSealed(key, sealed, context);
    return true;
  } catch {
    return false;
  }
}

function tell({ say }: CommandContext, report: DatabaseReport): void {
  const { path, bytes, deploymentId, migrations, pending } = report;
  say(`${path}: ${bytes} bytes, deployment ${deploymentId ?? 'unknown'}`);
  say(
    `  ${report.sessions} sessions, ${report.openSessions} of them open; ${report.events} events; ${report.ledgerLines} ledger lines; ${migrations} migrations${pending.length > 0 ? `, ${pending.length} missing` : ''}`,
  );
}

function existing(path: string): string {
  if (existsSync(path)) return path;
  throw new CommandError(
    `there is no file ${resolve(path)}: set DATABASE_PATH, or name another one`,
  );
}

function keyPathOf(databasePath: string): string {
  return join(databasePath, '..', 'secrets.key');
}

function freeName(wanted: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}.${number}`;
    if (!existsSync(name)) return name;
  }
}

function onlyFile(args: readonly string[]): string {
  const [file, ...more] = args;
  if (file === undefined || file.startsWith('-') || more.length > 0) {
    throw new CommandError('name one file');
  }
  return file;
}

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>;

function parsed(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}
