import process from 'node:process';
import { crashWorld, DIRECTED_WORLDS } from './directed.ts';
import { ALL_APIS, type Api } from './plan.ts';
import { addCounts } from './tally.ts';
import { runWorld, type WorldOptions, type WorldReport } from './world.ts';

/**
 * `npm run simulate -- --seed N` replays one world with its trace; `--from N --count M` runs many and sums them up;
 * `--directed NAME` replays a directed world; `--crash-everywhere API` kills the process at each crossing of a session's way.
 */
const args = new Map<string, string>();
for (let index = 2; index < process.argv.length; index += 2) {
  args.set(process.argv[index] ?? '', process.argv[index + 1] ?? '');
}
const SUMMED = ['sessions', 'everRunning', 'launches', 'crashes', 'adoptions', 'orphans'] as const;
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
  return seed === undefined ? runMany() : replay({ seed: Number(seed) });
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
  print(JSON.stringify({ ...report, leakedMs: undefined }, undefined, 2));
  return report.violations.length === 0 ? 0 : 1;
}

async function runMany(): Promise<number> {
  const from = Number(args.get('--from') ?? 1);
  const count = Number(args.get('--count') ?? 50);
  const reports: WorldReport[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const report = await runWorld({ seed }).catch((cause: unknown) => {
      throw new Error(`the world of seed ${seed} broke`, { cause });
    });
    reports.push(report);
    for (const { checker, message } of report.violations.slice(0, 3)) {
      print(`seed ${seed}: ${checker}: ${message}`);
    }
  }
  print(JSON.stringify(sumUp(reports), undefined, 1));
  const bad = reports.filter(({ violations }) => violations.length > 0).map(({ seed }) => seed);
  print(
    bad.length === 0
      ? `worlds ${from} to ${from + count - 1}: no violation`
      : `violations in ${bad.length} of ${count} worlds (${bad.join(', ')}); replay with npm run simulate -- --seed ${bad[0]}`,
  );
  return bad.length === 0 ? 0 : 1;
}

function sumUp(reports: readonly WorldReport[]): Readonly<Record<string, unknown>> {
  const sums = SUMMED.map((name) => [name, reports.reduce((sum, one) => sum + one[name], 0)]);
  return {
    worlds: reports.length,
    ...Object.fromEntries(sums),
    leakedMs: spread(reports.flatMap(({ leakedMs }) => leakedMs)),
    convergedMs: spread(reports.map(({ convergedMs }) => convergedMs)),
    faults: reports.map(({ faults }) => faults).reduce(addCounts, {}),
  };
}

function spread(values: readonly number[]): Readonly<Record<'p50' | 'p99' | 'max', number>> {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
