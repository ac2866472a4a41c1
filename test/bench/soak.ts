import { setTimeout as sleep } from 'node:timers/promises';
import type { Static } from '@sinclair/typebox';
import { buildForBench } from './build.ts';
import { Proven, Usage } from './messages.ts';
import { type Contestant, get, LOAD_CORE, shoot } from './pairs.ts';
import { FEW_QUERIES, manyQueries } from './queries.ts';
import { openScene, withBroker, withSshHosts } from './scene.ts';

/**
 * `npx tsx test/bench/soak.ts [--minutes 60]`: reads, writes, refreshes, a marketplace that hangs and logins, for an hour
 * where nothing else is said. Prints memory, handles and delays twice a minute or so; the first and the last quarter are compared.
 */
const MINUTE_MS = 60_000;
const SHOT_MS = 20_000;
const REST_MS = 10_000;
/** What may come on top of the first quarter before it is called growth. */
const ALLOWED = { memory: 1.25, handles: 1.5 };

const given = process.argv.indexOf('--minutes');
const minutes = given < 0 ? 60 : Number(process.argv[given + 1]);
const built = buildForBench();
const scene = await openScene(built, {
  pairs: 1,
  durationMs: SHOT_MS,
  isShort: false,
  say: () => {},
});
const requests = [
  ...FEW_QUERIES,
  ...manyQueries(200),
  '/health',
  '/sessions?limit=50',
  '/costs/summary',
  '/metrics',
].map((path) => get(path));

type Sample = Static<typeof Usage>;

try {
  const options = { offers: 5_000, refresh: '2s', hasHanging: true };
  const samples = await withSshHosts(built, LOAD_CORE, (sshPort) =>
    withBroker(built, { ...options, sshPorts: [sshPort] }, (broker) => soak(broker, sshPort)),
  );
  process.exitCode = isFlat(samples) ? 0 : 1;
} finally {
  await scene.close();
}

async function soak(broker: Contestant, sshPort: number): Promise<readonly Sample[]> {
  const startedAt = Date.now();
  const endsAt = startedAt + minutes * MINUTE_MS;
  const samples: Sample[] = [];
  process.stdout.write(
    '| minute | resident MB | heap MB | handles | p99 delay ms | longest stall ms |\n',
  );
  process.stdout.write('| --- | --- | --- | --- | --- | --- |\n');
  while (Date.now() < endsAt) {
    const answers = shoot(scene.load, broker.port, {
      requests,
      durationMs: SHOT_MS,
      connections: 8,
    });
    await comeAndGo(broker.port);
    await answers;
    await broker.process.ask({ kind: 'prove', port: sshPort, count: 20, atOnce: 8 }, Proven);
    await sleep(REST_MS);
    const sample = await broker.process.ask({ kind: 'usage' }, Usage);
    samples.push(sample);
    const minute = Math.round((Date.now() - startedAt) / MINUTE_MS);
    process.stdout.write(`${line(minute, sample)}\n`);
  }
  return samples;
}

/** Sessions that are made, come to run or fail, and are ended. */
async function comeAndGo(port: number): Promise<void> {
  const base = `http://127.0.0.1:${port}`;
  for (let turn = 0; turn < 10; turn += 1) {
    const made = await fetch(`${base}/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        consumer_id: 'soak',
        requirements: { min_vram: 24 },
        workload_type: 'ssh',
        reservation_hours: 1,
      }),
    });
    await made.arrayBuffer();
    const location = made.headers.get('location');
    if (location === null) continue;
    await sleep(1_000);
    await (await fetch(`${base}${location}`, { method: 'DELETE' })).arrayBuffer();
  }
}

function line(minute: number, sample: Sample): string {
  const { residentBytes, heapBytes, handles, p99DelayMs, stallMs } = sample;
  const cells = [
    minute,
    Math.round(residentBytes / 2 ** 20),
    Math.round(heapBytes / 2 ** 20),
    handles,
    p99DelayMs.toFixed(1),
    stallMs.toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The first sample is of a program that is still warming up, and is left out. */
function isFlat(samples: readonly Sample[]): boolean {
  const warm = samples.slice(1);
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const [first, last] = [warm.slice(0, quarter), warm.slice(-quarter)];
  const grew = (of: (sample: Sample) => number): number =>
    Math.max(...last.map(of)) / Math.max(...first.map(of));
  const memory = grew(({ residentBytes }) => residentBytes);
  const handles = grew(({ handles: open }) => open);
  process.stdout.write(`memory × ${memory.toFixed(2)}, handles × ${handles.toFixed(2)}\n`);
  return memory <= ALLOWED.memory && handles <= ALLOWED.handles;
}
