import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * `npm run build` makes one file of each program; `tsx bundle.ts FOLDER ENTRY…` of others, side by side in a folder of their
 * own. A start that finds and reads hundreds of modules spends more time on that than on anything else. Types are checked
 * by `tsc`.
 */
const PROGRAMS = ['src/main.ts', 'src/demo/main.ts', 'src/simulator/main.ts'];
/** Libraries in hundreds of small modules of plain code. The others stay where npm puts them: some bring files or machine code. */
const TAKEN_IN = ['@sinclair/typebox', 'kysely', 'p-queue'];

const [folder = 'dist', ...others] = process.argv.slice(2);
const { dependencies }: { dependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
// What an earlier build left must not be taken for part of this one.
rmSync(folder, { recursive: true, force: true });
await build({
  entryPoints: [...(others.length > 0 ? others : PROGRAMS), ...threads()],
  entryNames: others.length > 0 ? '[name]' : '[dir]/[name]',
  outdir: folder,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.20',
  external: Object.keys(dependencies).filter((name) => !TAKEN_IN.includes(name)),
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});

/** A program looks for its threads beside itself. */
function threads(): readonly string[] {
  return readdirSync('src')
    .filter((file) => file.endsWith('-worker.ts'))
    .map((file) => `src/${file}`);
}
