import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage, scriptOf } from '../docs/markdown.ts';
import { DOCUMENT_FILE } from '../http/openapi-document.ts';
import { ask, until } from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';
import { type TypedClient, typedClient } from './typed-client.ts';

let stage: Stage;
let broker: StagedBroker;
let client: TypedClient;

beforeAll(async () => {
  [stage, client] = await Promise.all([openStage(SOON), typedClient(DOCUMENT_FILE)]);
  broker = await stage.startBroker({ deploymentId: 'typed', tensordock: 'v2', crashAt: '' });
  await until(
    broker,
    () => ask<{ count: number }>(broker, 'GET /offers?gpu_type=4090&max_price=2'),
    ({ body }) => body.count > 0,
  );
});

afterAll(async () => {
  client?.close();
  await stage?.close();
});

it('the built program serves the document that is kept', async () => {
  const { body } = await ask<{ info: { version: string } }>(broker, 'GET /openapi.json');
  const kept: { info: { version: string } } = JSON.parse(readFileSync(DOCUMENT_FILE, 'utf8'));
  // The process of these tests has a version of its own.
  expect({ ...body, info: { ...body.info, version: kept.info.version } }).toEqual(kept);
});

/** The compiler reads the generated types and Node's once, which takes a busy machine a while. */
const COMPILE_TIMEOUT_MS = 180_000;
const PROGRAM = scriptOf(readPage('docs/typed-client.md'), 'ts client');

/** What a slip of the finger makes of the program, and what the compiler has to say of it. */
const SLIPS = {
  'a filter of another type': ['max_price: 2', "max_price: 'two'", /'string' is not assignable/],
  'a field that no offer has': ['offer.gpu_type', 'offer.gpu', /'gpu'/],
  'a missing field of a new session': ["workload_type: 'interactive',", '', /workload_type/],
  'a value outside of a closed set': ["'interactive'", "'interactiv'", /interactiv/],
  'a path that does not exist': ["'/sessions/{id}/done'", "'/sessions/{id}/finish'", /finish/],
} as const;

describe('a client that a public generator makes of docs/openapi.json', () => {
  const slips = Object.entries(SLIPS).map(([what, [right, wrong]]) => [
    what,
    PROGRAM.replace(right, wrong),
  ]);
  let problems: ReturnType<TypedClient['compile']>;

  beforeAll(() => {
    problems = client.compile({ 'main-job': PROGRAM, ...Object.fromEntries(slips) });
  }, COMPILE_TIMEOUT_MS);

  it('compiles, and does the main job', async () => {
    expect(problems.get('main-job')).toEqual([]);
    expect([...problems.keys()]).toEqual(['main-job', ...Object.keys(SLIPS)]);
    const [offer, login, end, cost] = client.run('main-job', { BROKER: broker.url }).split('\n');
    expect(offer).toMatch(/^[\w-]+: 1 × RTX 4090, \d\.\d+ USD per hour$/);
    expect(login).toMatch(/^ssh -p \d+ \w+@[\w.]+$/);
    expect(end).toMatch(/^runs until \d{4}-\d\d-\d\dT/);
    expect(cost).toMatch(/^0(\.\d+)? USD$/);
    const { body } = await ask<{ sessions: object[] }>(broker, 'GET /sessions');
    expect(body.sessions).toMatchObject([{ consumer_id: 'typed-client', status: 'stopped' }]);
  });

  it.each(Object.entries(SLIPS))('does not compile with %s', (what, [, , complaint]) => {
    expect(problems.get(what)?.join('\n')).toMatch(complaint);
  });
});
