import { availableParallelism } from 'node:os';
import process from 'node:process';
import { runSeeds } from './crew.ts';
import { crashWorld, DIRECTED_WORLDS } from './directed.ts';
import { ALL_APIS, type Api, THEMES, type Theme } from './plan.ts';
import { Summary } from './summary.ts';
import { runWorld, type WorldOptions, type WorldReport } from './world.ts';

/**
 * `npm run simulate -- --seed N` replays one world with its trace; `--from N --count M` runs many on all cores (or on
 * `--workers K`) and sums them up; `--theme T` makes them be about one thing; `--directed NAME` replays a directed world; `--crash-everywhere API` kills the
 * process at each crossing of a session's way.
 */
const args = new Map<string, string>();
for (let index = 2; index < process.argv.length; index += 2) {
  args.set(process.argv[index] ?? '', process.argv[index + 1] ?? '');
}
/** So many lines of progress at most, and none where the end is near anyway. */
const PROGRESS_LINES = 50;
const WORLDS_BETWEEN_LINES = 100;
const VIOLATIONS_SHOWN = 3;
process.exitCode = await main();

async function main(): Promise<number> {
  const seed = args.get('--seed');
  const name = args.get('--directed');
  const api = ALL_APIS.find((one) => one === args.get('--crash-everywhere'));
  if (api) return crashEverywhere(api);
  if (name !== undefined) {
    const world = DIRECTED_WORLDS[name];
    if (world) return replay(world());
    print(`directed worlds: ${Object.keys(DIRECTED_WORLDS).join(', ')}`);
    return 2;
  }
  const theme = themeWanted();
  if (seed === undefined) return runMany(theme);
  return replay({ seed: Number(seed), ...(theme === undefined ? {} : { theme }) });
}

/** Undefined where the seeds are to decide. */
function themeWanted(): Theme | undefined {
  const name = args.get('--theme');
  const theme = THEMES.find((one) => one === name);
  if (name !== theme) throw new Error(`themes: ${THEMES.join(', ')}`);
  return theme;
}

async function crashEverywhere(api: Api): Promise<number> {
  let broken = 0;
  for (const ask of ['create', 'stop'] as const) {
    let crossings = 0;
    for (let isReached = true; isReached; ) {
      crossings += 1;
      const { violations, crashes } = await runWorld(crashWorld({ api, ask, crossings }));
      isReached = crashes > 0;
      for (const { checker, message } of violations.slice(0, 1)) {
        broken += 1;
        print(`${api} after ${ask}, crossing ${crossings}: ${checker}: ${message}`);
      }
    }
    print(`${api} after ${ask}: died at each of ${crossings - 1} crossings`);
  }
  return broken === 0 ? 0 : 1;
}

async function replay(options: WorldOptions): Promise<number> {
  const report = await runWorld({ ...options, trace: print });
  print(JSON.stringify({ ...report, leakedMs: undefined, heldMs: undefined }, undefined, 2));
  return report.violations.length === 0 ? 0 : 1;
}

async function runMany(theme: Theme | undefined): Promise<number> {
  const from = Number(args.get('--from') ?? 1);
  const count = Number(args.get('--count') ?? 50);
  const workers = Number(args.get('--workers') ?? availableParallelism());
  const startedMs = performance.now();
  const wallMs = (): number => Math.round(performance.now() - startedMs);
  const summary = new Summary();
  const between = Math.max(WORLDS_BETWEEN_LINES, Math.ceil(count / PROGRESS_LINES));
  await runSeeds({
    from,
    count,
    theme,
    workers,
    onWord: (word) => {
      if (word.kind === 'report') {
        summary.add(word.report);
        printViolations(word.report);
      } else {
        summary.addBroken(word.seed);
        print(`seed ${word.seed}: the world broke: ${word.message}`);
      }
      if (summary.worlds % between === 0) printProgress(summary, { count, wallMs: wallMs() });
    },
  });
  print(JSON.stringify({ from, ...summary.toJSON(), workers, wallMs: wallMs() }, undefined, 1));
  return summary.badWorlds === 0 ? 0 : 1;
}

function printViolations({ seed, theme, violations }: WorldReport): void {
  for (const { checker, message } of violations.slice(0, VIOLATIONS_SHOWN)) {
    print(`seed ${seed} (${theme}): ${checker}: ${message}`);
  }
  if (violations.length > 0) print(`  replay: npm run simulate -- --seed ${seed}${replayTheme()}`);
}

function replayTheme(): string {
  const name = args.get('--theme');
  return name === undefined ? '' : ` --theme '${name}'`;
}

/** On the other stream, so that what is kept of a run is its violations and its summary. */
function printProgress(
  { worlds, badWorlds }: Summary,
  { count, wallMs }: { readonly count: number; readonly wallMs: number },
): void {
  const leftS = Math.round(((wallMs / worlds) * (count - worlds)) / 1000);
  process.stderr.write(
    `${worlds} of ${count} worlds, ${badWorlds} with violations, about ${leftS} s to go\n`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
