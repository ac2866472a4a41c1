import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { openFolder, removeFolder, StaleEdit, writeHunt } from './patched-hunt.ts';

/**
 * `npm run mutate` switches off one guard after the other, each in a program of its own, and lets the simulation loose on
 * each; `-- --quick` takes the small set, `-- --only NAME` one mutant. Exits 1 when the simulation missed any.
 */
const ROOT = resolve(import.meta.dirname, '../..');
/** A mutant that runs round and round is found by the clock. */
const TIMEOUT_MS = 120_000;
const CAUGHT = 0;
const SURVIVED = 3;

const chosen = choose(process.argv.slice(2));
const waiting = [...chosen];
const folder = openFolder(ROOT);
let survivors = 0;
try {
  await Promise.all(Array.from({ length: availableParallelism() }, work));
} finally {
  removeFolder(folder);
}
print(`${chosen.length - survivors} of ${chosen.length} mutants caught`);
process.exitCode = survivors === 0 ? 0 : 1;

function choose(args: readonly string[]): readonly Mutant[] {
  const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;
  if (only !== undefined) return MUTANTS.filter(({ name }) => name === only);
  return args.includes('--quick') ? MUTANTS.filter(({ isQuick }) => isQuick) : MUTANTS;
}

async function work(): Promise<void> {
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const { isCaught, word } = await hunt(mutant);
    if (!isCaught) survivors += 1;
    print(`${isCaught ? 'caught  ' : 'SURVIVED'} ${mutant.name} (${mutant.guard}): ${word}`);
  }
}

interface Outcome {
  readonly isCaught: boolean;
  readonly word: string;
}

/** A patch that no longer fits has lost sight of its guard: that counts as missed. */
async function hunt(mutant: Mutant): Promise<Outcome> {
  try {
    return await runHunt(await writeHunt({ root: ROOT, folder }, mutant), mutant.name);
  } catch (error) {
    if (!(error instanceof StaleEdit)) throw error;
    return { isCaught: false, word: error.message };
  }
}

function runHunt(script: string, name: string): Promise<Outcome> {
  const options = { cwd: folder, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
  return new Promise((done, fail) => {
    const child = execFile(process.execPath, [script, name], options, (error, stdout, stderr) => {
      const [line = ''] = stdout.trim().split('\n');
      if (child.signalCode !== null) done({ isCaught: true, word: 'it never came to an end' });
      else if (child.exitCode === CAUGHT) done({ isCaught: true, word: line.slice(0, 160) });
      else if (child.exitCode === SURVIVED) done({ isCaught: false, word: 'every promise held' });
      else fail(new Error(`the hunt for "${name}" itself failed: ${stderr}`, { cause: error }));
    });
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
