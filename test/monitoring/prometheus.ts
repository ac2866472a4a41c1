import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** A real Prometheus that scrapes one broker and evaluates its rules. */
export interface Prometheus {
  /** What the query is now; nothing while it is not up yet. */
  ask(query: string): Promise<readonly Sample[]>;
  /** What the query was, step by step. */
  range(query: string, span: Span): Promise<readonly Series[]>;
  close(): Promise<void>;
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface Series {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

type Labels = Readonly<Record<string, string>>;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export interface PrometheusOptions {
  /** Where its configuration and its data go. */
  readonly folder: string;
  /** The broker's port on this machine. */
  readonly brokerPort: number;
  /** The text of a file of rules. */
  readonly rules: string;
  /** Between two scrapes, and between two evaluations. */
  readonly everyMs: number;
}

const LabelsAnswer = Type.Record(Type.String(), Type.String());
const ValueAnswer = Type.Tuple([Type.Number(), Type.String()]);
const InstantAnswer = Type.Object({
  data: Type.Object({
    result: Type.Array(Type.Object({ metric: LabelsAnswer, value: ValueAnswer })),
  }),
});
const RangeAnswer = Type.Object({
  data: Type.Object({
    result: Type.Array(Type.Object({ metric: LabelsAnswer, values: Type.Array(ValueAnswer) })),
  }),
});
const START_TRIES = 300;

/** Resolves when it answers. Its program is `prometheus`, as Debian's package installs it. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const address = `127.0.0.1:${await freePort()}`;
  const process = spawnPrometheus(options, address);
  const prometheus = createClient(`http://${address}`, process);
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    const answer = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    if (answer?.ok) return prometheus;
    if (process.exitCode !== null) break;
    await sleep(100);
  }
  await prometheus.close();
  throw new Error('Prometheus did not come up; are the rules good?');
}

function spawnPrometheus(
  { folder, brokerPort, rules, everyMs }: PrometheusOptions,
  address: string,
): ChildProcess {
  const rulesFile = join(folder, 'rules.yml');
  const configFile = join(folder, 'prometheus.yml');
  const every = `${everyMs}ms`;
  writeFileSync(rulesFile, rules);
  writeFileSync(
    configFile,
    JSON.stringify({
      global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
      rule_files: [rulesFile],
      scrape_configs: [
        { job_name: 'gpu-broker', static_configs: [{ targets: [`127.0.0.1:${brokerPort}`] }] },
      ],
    }),
  );
  const flags = {
    'config.file': configFile,
    'storage.tsdb.path': join(folder, 'data'),
    'web.listen-address': address,
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return spawn('prometheus', args, { stdio: 'ignore', cwd: folder });
}

function createClient(url: string, process: ChildProcess): Prometheus {
  const get = async (path: string, parameters: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${parameters['query']}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    ask: async (query) => {
      const { data } = Value.Parse(InstantAnswer, await get('query', { query }));
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    range: async (query, { fromMs, toMs, stepMs }) => {
      const [start, end, step] = [fromMs, toMs, stepMs].map((ms) => String(ms / 1_000));
      const parameters = { query, start: start ?? '', end: end ?? '', step: step ?? '' };
      const { data } = Value.Parse(RangeAnswer, await get('query_range', parameters));
      return data.result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([atS, value]) => ({ atMs: atS * 1_000, value: Number(value) })),
      }));
    },
    close: async () => {
      process.kill('SIGKILL');
      if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
