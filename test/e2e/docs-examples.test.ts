import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CurlExample, curlExamples, pages, readPage } from '../docs/markdown.ts';
import { orphansOf, until } from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

const PROGRAMS = ['bash', 'curl', 'jq'];
const DEPLOYMENT = 'docs01';
/** One for each page that decides on an orphan. */
const ORPHANS = 2;
const BLOCK = 'example ';

let stage: Stage;
let broker: StagedBroker;
let folder: string;

/** A broker as the pages' reader has one, but for two machines that no session wants, which it may only hold. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-examples-'));
  stage = await openStage({ ...SOON, speed: 1, bootScale: 0.02 });
  broker = await stage.startBroker({
    deploymentId: DEPLOYMENT,
    tensordock: 'v2',
    crashAt: '',
    settings: { SWEEP_DRY_RUN: 'true', ORPHAN_GRACE_PERIOD: '1s', RECONCILIATION_INTERVAL: '1s' },
  });
  await plantOrphans();
  await until(
    broker,
    () => fetch(`${broker.url}/templates`),
    ({ status }) => status === 200,
  );
});

afterAll(async () => {
  await stage?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the curl examples of', () => {
  const withExamples = pages().filter((page) => curlExamples(readPage(page)).length > 0);

  it('pages are found', () => {
    expect(withExamples).toEqual(
      expect.arrayContaining(['docs/http-api.md', 'docs/operations.md']),
    );
  });

  it.each(withExamples)('%s are answered as it says', async (page) => {
    const missing = PROGRAMS.filter((name) => spawnSync('which', [name]).status !== 0);
    expect(missing).toEqual([]);
    const examples = curlExamples(readPage(page));
    expect(wrongAnswers(examples, await answersTo(examples))).toEqual([]);
  });
});

it('an example that is answered otherwise, or not at all, is told', () => {
  const examples = [
    { text: 'one', status: '200' },
    { text: 'two', status: '201' },
    { text: 'three', status: '409' },
    { text: 'four', status: '200' },
  ];
  const log = `${BLOCK}0\n200\n${BLOCK}1\n404\n201\n${BLOCK}2\n200\n`;
  expect(wrongAnswers(examples, log)).toEqual([
    '404, 201 instead of 201 last and 200 before: two',
    '200 instead of 409 last and 200 before: three',
    'nothing instead of 200 last and 200 before: four',
  ]);
});

/** The statuses of each example's calls, in one shell for all of them: ids come from the examples before. */
async function answersTo(examples: readonly CurlExample[]): Promise<string> {
  const cwd = mkdtempSync(join(folder, 'page-'));
  const log = join(cwd, 'answers.log');
  const prelude = `curl() { command curl -sS -w '%{stderr}%{http_code}\\n' "$@" 2>> ${log}; }`;
  const steps = examples.map(({ text }, index) => `echo '${BLOCK}${index}' >> ${log}\n${text}`);
  const shell = spawn('bash', ['-u', '-o', 'pipefail', '-c', [prelude, ...steps].join('\n')], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', BROKER: broker.url, TOKEN: 'none-is-needed' },
    stdio: 'ignore',
  });
  await once(shell, 'close');
  return readFileSync(log, 'utf8');
}

function wrongAnswers(examples: readonly CurlExample[], log: string): readonly string[] {
  return examples.flatMap(({ text, status }, index) => {
    const [, rest = ''] = log.split(`${BLOCK}${index}\n`);
    const lines = (rest.split(BLOCK)[0] ?? '').split('\n').filter((line) => line !== '');
    const isRight =
      lines.at(-1) === status && lines.slice(0, -1).every((before) => before === '200');
    const came = lines.join(', ') || 'nothing';
    return isRight ? [] : [`${came} instead of ${status} last and 200 before: ${text}`];
  });
}

interface Dear {
  readonly offers: readonly { readonly provider_id: string }[];
}

/** Rented in the deployment's name past the broker, as by a call that the network delivered twice. */
async function plantOrphans(): Promise<void> {
  const { VASTAI_BASE_URL: market = '', VASTAI_API_KEY: key = '' } = stage.environment('v2');
  const path = `/offers?provider=vastai&sort=-price_per_hour&limit=${ORPHANS}`;
  const dear = await until(
    broker,
    async () => (await (await fetch(`${broker.url}${path}`)).json()) as Dear,
    ({ offers }) => offers.length === ORPHANS,
  );
  for (const [index, { provider_id: id }] of dear.offers.entries()) {
    const answer = await fetch(`${market}/api/v0/asks/${id}/`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        image: 'ubuntu:22.04',
        disk: 20,
        runtype: 'ssh_direct',
        label: `gpub-${DEPLOYMENT}-${'abcd'.repeat(4)}-${index + 1}`,
      }),
    });
    expect(answer.status, await answer.text()).toBe(200);
  }
  await until(
    broker,
    () => orphansOf(broker),
    (orphans) => orphans.length === ORPHANS,
  );
}
