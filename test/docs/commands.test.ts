import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { otherCommands, pages, readPage } from './markdown.ts';

/**
 * Most shell blocks are copied out of the pages and run: by docs-commands.test.ts, docs-examples.test.ts and agent.test.ts. What
 * is left stands here, by how the command begins: the file of a test, or of CI, that does the same, and what is to be found
 * there; or why nothing runs it.
 */
const RUN_BY: Readonly<Record<string, readonly [file: string, says: string]>> = {
  'npm ci && npm run demo': ['test/e2e/demo.test.ts', "startDemo({ PORT: '0' }, ['--once'])"],
  'npm ci && npm test': ['.ci/run', 'npm test'],
  'npm test': ['.ci/run', 'npm test'],
  'npx vitest run': ['vitest.config.ts', "name: 'e2e'"],
  'npm run law': ['.ci/run', 'npm run --silent law'],
  'npm run simulate': ['.ci/run', 'npm run --silent simulate'],
  'npm run mutate': ['.ci/run', 'npm run --silent mutate -- --quick'],
  'npm run fuzz': ['test/http/fuzz/fuzz-settings.ts', 'FUZZ_RUNS'],
  'FUZZ_RUNS=2000 npx vitest': ['test/providers/fuzz/fuzz-settings.ts', 'FUZZ_RUNS'],
  'FUZZ_SEED=42 npx vitest': ['test/providers/fuzz/fuzz-settings.ts', 'FUZZ_SEED'],
  'FUZZ_SEED=42 npx vitest run --project unit test/http': [
    'test/http/fuzz/fuzz-settings.ts',
    'FUZZ_SEED',
  ],
  'npm run kill': ['test/e2e/random-kills.test.ts', "process.env['KILLS']"],
  'cp .env.example .env': ['test/config/config-docs.test.ts', '.env.example'],
  'npm start': ['test/e2e/built-program.test.ts', 'dist/main.js'],
  'VASTAI_API_KEY=… npm start': ['test/e2e/built-program.test.ts', 'VASTAI_API_KEY'],
  'npm run simulator': ['test/e2e/docs-commands.test.ts', 'dist/simulator/main.js'],
  'node dist/main.js restore': ['test/commands/data-commands.test.ts', "run('restore'"],
  'SWEEP_DRY_RUN=true node dist/main.js': ['test/e2e/restored-backup.test.ts', 'SWEEP_DRY_RUN'],
  'node dist/main.js sweep': ['test/e2e/sweep.test.ts', '--execute'],
  'npx openapi-typescript': ['test/e2e/typed-client.ts', 'openapi-typescript'],
};

const NEEDS_A_SERVICE_MANAGER =
  'changes the machine, as root, under systemd; test/deploy/systemd.test.ts verifies the unit';
const TAKES_LONG = 'takes minutes to hours; its figures, or what it found, stand on its page';
const NOT_RUN: Readonly<Record<string, string>> = {
  'docker compose up':
    'wants a Docker engine; test/deploy/check-image.sh does the same without one',
  'curl https://console.vast.ai': 'makes a key of a real account',
  'npm install openapi-fetch': 'the package is one of those that npm ci brings here',
  'npm run bench': TAKES_LONG,
  'npm run soak': TAKES_LONG,
  'npm run steady': TAKES_LONG,
  'npm run growth': TAKES_LONG,
  'npm run choosing': TAKES_LONG,
  'npm run monitoring': TAKES_LONG,
  'LOAD_SESSIONS=1000': TAKES_LONG,
  'bash test/deploy/':
    'sets up a Debian as root, which takes minutes; what it printed stands on the page',
  'npx tsx test/pictures/': 'draws what test/e2e/demo.test.ts then compares with the demo',
  'npm ci && npm run build && npm prune': 'the Dockerfile does it; test/deploy/check-image.sh',
  'install -d': NEEDS_A_SERVICE_MANAGER,
  'printf %s "$VASTAI_API_KEY"': NEEDS_A_SERVICE_MANAGER,
  'cp deploy/systemd': NEEDS_A_SERVICE_MANAGER,
  systemctl: NEEDS_A_SERVICE_MANAGER,
  'journalctl -u gpu-broker -f': NEEDS_A_SERVICE_MANAGER,
};

const commands = pages().flatMap((page) =>
  otherCommands(readPage(page)).map((command) => ({ page, command })),
);
const starts = [...Object.keys(RUN_BY), ...Object.keys(NOT_RUN)];

/** Commands that neither list begins. */
function unknownOf(some: readonly { readonly page: string; readonly command: string }[]) {
  return some.filter(({ command }) => !starts.some((start) => command.startsWith(start)));
}

test('each command that is not copied out of its page is run by a test, or there is a reason', () => {
  expect(commands.length).toBeGreaterThan(30);
  expect(unknownOf(commands)).toEqual([]);
});

test('a command that nobody has thought of is told', () => {
  const page = ['```sh', 'npm ci && npm test # all', 'gpu-broker \\', '  conquer', '```'].join(
    '\n',
  );
  const found = otherCommands(page).map((command) => ({ page: 'a page', command }));
  expect(unknownOf(found)).toEqual([{ page: 'a page', command: 'gpu-broker conquer' }]);
});

test('what is said to run a command does so', () => {
  const wrong = Object.entries(RUN_BY).filter(
    ([, [file, says]]) => !existsSync(file) || !readFileSync(file, 'utf8').includes(says),
  );
  expect(wrong).toEqual([]);
});

test('nothing is listed here that no page has any more', () => {
  const stale = starts.filter(
    (start) => !commands.some(({ command }) => command.startsWith(start)),
  );
  expect(stale).toEqual([]);
});

test('scripts that the pages name are there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = commands.flatMap(({ page, command }) =>
    [...command.matchAll(/npm run ([\w-]+)/g)].map(([, script = '']) => ({ page, script })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});

test('files that the pages have run or tested are there', () => {
  const named = commands.flatMap(({ page, command }) =>
    [...command.matchAll(/\b(test\/[\w./-]+)/g)].map(([, path = '']) => ({ page, path })),
  );
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter(({ path }) => !existsSync(path))).toEqual([]);
});
