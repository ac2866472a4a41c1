import { runWorld } from './world.ts';

/** `npm run simulate -- --seed N` replays one world with its trace; `--from N --count M` runs many and sums them up. */
const args = new Map<string, string>();
for (let index = 2; index < process.argv.length; index += 2) {
  args.set(process.argv[index] ?? '', process.argv[index + 1] ?? '');
}
const seed = args.get('--seed');
process.exitCode = seed === undefined ? await runMany() : await replay(Number(seed));

async function replay(one: number): Promise<number> {
  const report = await runWorld({ seed: one, trace: print });
  print(JSON.stringify({ ...report, leakedMs: undefined }, undefined, 2));
  return report.violations.length === 0 ? 0 : 1;
}

async function runMany(): Promise<number> {
  const from = Number(args.get('--from') ?? 1);
  const count = Number(args.get('--count') ?? 50);
  const totals = { sessions: 0, everRunning: 0, launches: 0, crashes: 0, adoptions: 0, orphans: 0 };
  const leakedMs: number[] = [];
  const bad: number[] = [];
  for (let one = from; one < from + count; one += 1) {
    const report = await runWorld({ seed: one });
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += report[name];
    leakedMs.push(...report.leakedMs);
    if (report.violations.length === 0) continue;
    bad.push(one);
    for (const { checker, message } of report.violations.slice(0, 3)) {
      print(`seed ${one}: ${checker}: ${message}`);
    }
  }
  leakedMs.sort((left, right) => left - right);
  const at = (share: number): number => leakedMs[Math.floor((leakedMs.length - 1) * share)] ?? 0;
  print(
    JSON.stringify({ from, count, ...totals, leakedMs: { p50: at(0.5), p99: at(0.99), max: at(1) } }),
  );
  print(
    bad.length === 0
      ? `worlds ${from} to ${from + count - 1}: no violation`
      : `violations in ${bad.length} of ${count} worlds; replay with npm run simulate -- --seed ${bad[0]}`,
  );
  return bad.length === 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
