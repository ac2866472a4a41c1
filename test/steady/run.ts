import { HOUR_MS } from '../../src/domain/time.ts';
import { type Figure, verdictOn } from './flat.ts';
import type { Sample } from './sample.ts';
import { runSteadily } from './steady-run.ts';
import type { Served } from './workload.ts';

/**
 * `npm run steady [-- --hours 48 --live 20]`: so many simulated hours of the same work. Prints how the process stands after each of them, and
 * fails when something grows that should not.
 */
const MB = 2 ** 20;
/** Some five hundred offers. */
const HOSTS = { vast: 120, tensordock: 40 };

const COLUMNS: readonly (readonly [string, (sample: Sample) => string])[] = [
  ['heap MB', ({ heapBytes }) => (heapBytes / MB).toFixed(1)],
  ['external MB', ({ externalBytes }) => (externalBytes / MB).toFixed(1)],
  ['resident MB', ({ residentBytes }) => (residentBytes / MB).toFixed(0)],
  ['handles', ({ handles }) => `${handles}`],
  ['open files', ({ openFiles }) => `${openFiles}`],
  ['database MB', ({ databaseBytes }) => (databaseBytes / MB).toFixed(2)],
  ['log MB', ({ logBytes }) => (logBytes / MB).toFixed(2)],
  ['sessions', ({ sessions }) => `${sessions}`],
  ['events', ({ events }) => `${events}`],
  ['p99 delay ms', ({ p99DelayMs }) => p99DelayMs.toFixed(1)],
  ['of own time', ({ p99OwnDelayMs }) => p99OwnDelayMs.toFixed(1)],
  ['longest ms', ({ longestDelayMs }) => longestDelayMs.toFixed(0)],
  ['CPU s', ({ cpuSeconds }) => cpuSeconds.toFixed(1)],
];

const hours = numberAfter('--hours', 48);
const live = numberAfter('--live', 20);
const samples: Sample[] = [];

say(row(['hour', 'made', 'answers', ...COLUMNS.map(([name]) => name)]));
say(row(['---', '---', '---', ...COLUMNS.map(() => '---')]));
const served = await runSteadily({
  looks: hours,
  lookEveryMs: HOUR_MS,
  live,
  hosts: HOSTS,
  onLook: tell,
});
process.exitCode = judge() && served.faults.length === 0 ? 0 : 1;

function tell(hour: number, sample: Sample, { made, answers }: Served): void {
  samples.push(sample);
  say(row([`${hour}`, `${made}`, `${answers}`, ...COLUMNS.map(([, cell]) => cell(sample))]));
}

function judge(): boolean {
  const verdicts = figures().map(verdictOn);
  for (const { name, mean, growth, allowed, isFlat } of verdicts) {
    const figure = `${name}: ${growth.toFixed(2)} on top of ${mean.toFixed(2)}`;
    say(
      `${isFlat ? 'flat' : 'GROWS'}  ${figure} over the second half (allowed ${allowed.toFixed(2)})`,
    );
  }
  for (const fault of served.faults) say(`FAULT  ${fault}`);
  return verdicts.every(({ isFlat }) => isFlat);
}

/**
 * What is allowed is what is left of noise: a page of the heap or of the database, the hour's luck of the scheduler. The heap has twice as
 * much as it would need for that: V8 goes on compiling, and what became of launches is remembered for a week, which is longer than this takes.
 */
function figures(): readonly Figure[] {
  const of = (value: (sample: Sample) => number): readonly number[] => samples.map(value);
  return [
    {
      name: 'heap MB',
      values: of(({ heapBytes }) => heapBytes / MB),
      allowed: { share: 0.04, amount: 1 },
    },
    {
      name: 'external MB',
      values: of(({ externalBytes }) => externalBytes / MB),
      allowed: { share: 0.05, amount: 1 },
    },
    {
      name: 'resident MB',
      values: of(({ residentBytes }) => residentBytes / MB),
      allowed: { share: 0.1, amount: 10 },
    },
    { name: 'handles', values: of(({ handles }) => handles), allowed: { share: 0.1, amount: 3 } },
    {
      name: 'open files',
      values: of(({ openFiles }) => openFiles),
      allowed: { share: 0.1, amount: 3 },
    },
    {
      name: 'database MB',
      values: of(({ databaseBytes }) => databaseBytes / MB),
      allowed: { share: 0.1, amount: 0.2 },
    },
    {
      name: 'log MB',
      values: of(({ logBytes }) => logBytes / MB),
      allowed: { share: 0.1, amount: 1 },
    },
    {
      name: 'p99 delay ms, of own time',
      values: of(({ p99OwnDelayMs }) => p99OwnDelayMs),
      allowed: { share: 0.25, amount: 1 },
    },
    {
      name: 'CPU s an hour',
      values: of(({ cpuSeconds }) => cpuSeconds),
      allowed: { share: 0.25, amount: 1 },
    },
  ];
}

function numberAfter(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
