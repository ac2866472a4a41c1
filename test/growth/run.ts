import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { copyDatabase } from '../../src/store/database-copy.ts';
import { examineDatabase } from '../../src/store/database-report.ts';
import { openStore } from '../../src/store/open-store.ts';
import { percentile } from '../simulation/load/call-book.ts';
import { STARTED_AT } from '../steady/played-app.ts';
import { another, chargesFor } from './another.ts';
import { type Lived, livedSessions } from './samples.ts';

/**
 * `npm run growth [-- --days 365 --sessions 200]`: writes so many days of sessions, each as the program wrote one in a simulated day, into
 * databases with the usual retention and without any, and prints how large they are, what a step of retention takes, and a backup.
 */
const MB = 2 ** 20;
/** Older activity goes by itself when newer is written, so that only the last days' need be written here. */
const ACTIVITY_DAYS = 8;

const days = numberAfter('--days', 365);
const perDay = numberAfter('--sessions', 200);
const forEver: Policy = { ...DEFAULT_POLICY, eventsKeptMs: undefined, sessionsKeptMs: undefined };

const samples = await livedSessions();
say(tellOf(samples));
say(
  '| kept | day | sessions | events | file MB | of it free MB | bytes a session | a step of retention, ms: median, p99, longest | backup s | copy MB | check s |',
);
say('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
await grow('for ever', forEver, [Math.round(days / 4), Math.round(days / 2), days]);
await grow('as usual', DEFAULT_POLICY, [days, 2 * days]);

async function grow(name: string, policy: Policy, looks: readonly number[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-growth-'));
  const path = join(folder, 'gpu-broker.db');
  const { store } = await openStore({ path, newDeploymentId: () => 'growth01' });
  try {
    const stepsMs: number[] = [];
    for (let day = 1; day <= Math.max(...looks); day += 1) {
      const isNearLook = looks.some((look) => look - day >= 0 && look - day < ACTIVITY_DAYS);
      await writeDay(store, day, isNearLook);
      stepsMs.push(...(await removeOld(store, policy, STARTED_AT + (day + 1) * DAY_MS)));
      if (looks.includes(day)) tell({ name, day, path, folder, stepsMs });
    }
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

async function writeDay(store: Store, day: number, withActivity: boolean): Promise<void> {
  const lives = Array.from({ length: perDay }, (_one, index) => {
    const number = day * perDay + index;
    const sample = samples[number % samples.length];
    if (!sample) throw new Error('no session came to its end');
    return another(sample, number, STARTED_AT + day * DAY_MS + (index * DAY_MS) / perDay);
  });
  await Promise.all(lives.map(({ session, events }) => store.create({ session, events })));
  await store.saveCharges(lives.flatMap(chargesFor));
  if (!withActivity) return;
  for (const { activity } of lives)
    await Promise.all(activity.map((one) => store.saveActivity(one)));
}

/** As the loop does it, without its pauses. Returns what each step took, in milliseconds. */
async function removeOld(store: Store, policy: Policy, now: number): Promise<readonly number[]> {
  const { eventsKeptMs, sessionsKeptMs, chargesAskedForMs, chargesSettleMs } = policy;
  const stepsMs: number[] = [];
  const timed = async <Value>(step: Promise<Value>): Promise<Value> => {
    const begun = performance.now();
    const value = await step;
    stepsMs.push(performance.now() - begun);
    return value;
  };
  const bills = { goneAfter: now - chargesAskedForMs, settleMs: chargesSettleMs };
  for (let isMoreDue = sessionsKeptMs !== undefined; isMoreDue; ) {
    const endedBefore = now - (sessionsKeptMs ?? 0);
    const step = store.forgetSessions({ endedBefore, now, bills, limit: 5 });
    ({ isMoreDue } = await timed(step));
  }
  let after = eventsKeptMs === undefined ? undefined : 0;
  while (after !== undefined) {
    const before = now - (eventsKeptMs ?? 0);
    const step = store.forgetEvents({
      now,
      before,
      ofNoSessionBefore: before,
      lasting: [],
      after,
      limit: 250,
    });
    after = (await timed(step)).next;
  }
  return stepsMs;
}

interface Look {
  readonly name: string;
  readonly day: number;
  readonly path: string;
  readonly folder: string;
  readonly stepsMs: readonly number[];
}

function tell({ name, day, path, folder, stepsMs }: Look): void {
  const copy = join(folder, `copy-${day}.db`);
  const backupMs = timeOf(() => copyDatabase(path, copy));
  let report = examineDatabase(path);
  const checkMs = timeOf(() => {
    report = examineDatabase(path);
  });
  const cells = [
    name,
    day,
    report.sessions,
    report.events,
    (report.bytes / MB).toFixed(1),
    (freeBytes(path) / MB).toFixed(1),
    Math.round(statSync(copy).size / (day * perDay)),
    [0.5, 0.99, 1].map((share) => percentile(stepsMs, share).toFixed(1)).join(', '),
    (backupMs / 1_000).toFixed(1),
    (statSync(copy).size / MB).toFixed(1),
    (checkMs / 1_000).toFixed(1),
  ];
  say(`| ${cells.join(' | ')} |`);
  rmSync(copy);
}

function freeBytes(path: string): number {
  const database = new Sqlite(path, { readonly: true });
  const pages = Number(database.pragma('freelist_count', { simple: true }));
  const size = Number(database.pragma('page_size', { simple: true }));
  database.close();
  return pages * size;
}

function tellOf(lived: readonly Lived[]): string {
  const mean = (count: (one: Lived) => number): string =>
    (lived.reduce((sum, one) => sum + count(one), 0) / lived.length).toFixed(1);
  const hours = mean(({ session }) => ((session.stoppedAt ?? 0) - session.createdAt) / HOUR_MS);
  const lines = mean(({ session }) => session.instances.flatMap(({ costs }) => costs).length);
  const rows = `${mean(({ session }) => session.instances.length)} attempts, ${mean(({ events }) => events.length)} events, ${lines} ledger lines, ${mean(({ activity }) => activity.length)} records of activity`;
  return `${lived.length} sessions came to their end, on average after ${hours} h, with ${rows}`;
}

function timeOf(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

function numberAfter(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
