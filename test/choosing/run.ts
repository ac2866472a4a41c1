import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { MIXES } from '../../src/simulator/vices.ts';
import { runErrands } from './crew.ts';
import {
  type Errand,
  HELD_OUT_SEEDS,
  type MixName,
  type StrategyName,
  TUNING_SEEDS,
} from './errand.ts';
import { plotOf } from './plot.ts';
import { isReached, reportOf, tablesOf } from './report.ts';
import { STRATEGIES } from './strategies.ts';

/**
 * `npm run choosing` runs every market with every strategy, in about ten minutes on two cores, prints the tables and writes figures and
 * picture; `-- --tuning` does so in the worlds that may be looked into; `-- --mix '60 % bad'`, `--strategy ours` and
 * `--seeds 3` narrow it; `--workers 1` leaves cores to others; `--out DIR` says where to write.
 */
const args = process.argv.slice(2);
const optionOf = (name: string): string | undefined => {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args[at + 1];
};

/** So many worlds of each that all take ten minutes on two cores: most of them where the targets are. */
const SEEDS = { inMain: 3, elsewhere: 1 };
const MAIN: MixName = '60 % bad';
/** Where every strategy is run: the same market from fair to bad. */
const SWEEP: readonly MixName[] = ['30 % bad', '60 % bad', '80 % bad'];

const errands = planned();
const startedMs = performance.now();
const tales = await runErrands(errands, {
  workers: Number(optionOf('--workers') ?? availableParallelism()),
  onTale: ({ mix, strategy, seed }, done) => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    process.stderr.write(
      `… ${done} of ${errands.length}: ${mix}, ${strategy}, seed ${seed} (${seconds} s)\n`,
    );
  },
});
const report = reportOf(tales);
const out = optionOf('--out');
if (out !== undefined) {
  write(`${out}/figures.json`, `${JSON.stringify(report, undefined, 2)}\n`);
  write(`${out}/choosing.svg`, plotOf(report));
}
process.stdout.write(`${tablesOf(report)}\n`);
process.exitCode = isReached(report) ? 0 : 1;

function planned(): readonly Errand[] {
  const seeds = args.includes('--tuning') ? TUNING_SEEDS : HELD_OUT_SEEDS;
  const onlySeeds = optionOf('--seeds');
  const mixes = (Object.keys(MIXES) as MixName[]).filter((mix) => isWanted('--mix', mix));
  const strategies = (Object.keys(STRATEGIES) as StrategyName[]).filter((strategy) =>
    isWanted('--strategy', strategy),
  );
  return mixes.flatMap((mix) =>
    strategies
      .filter((strategy) => strategy === 'ours' || SWEEP.includes(mix))
      .flatMap((strategy) => {
        const count = Number(onlySeeds ?? (mix === MAIN ? SEEDS.inMain : SEEDS.elsewhere));
        return seeds.slice(0, count).map((seed) => ({ seed, mix, strategy }));
      }),
  );
}

function isWanted(option: string, name: string): boolean {
  const wanted = optionOf(option);
  return wanted === undefined || wanted.split(',').includes(name);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
