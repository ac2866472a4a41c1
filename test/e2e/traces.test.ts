import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LogLine, strayLines } from '../support/log-belonging.ts';
import { attributeOf, type OtlpReceiver, openOtlpReceiver } from '../support/otlp-receiver.ts';
import { type Running, startProgram } from './processes.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
/** Says at the end which files of the libraries were read. */
const TELL_LOADED = `data:text/javascript,${encodeURIComponent(
  `import { createRequire } from 'node:module';
   const loaded = () => Object.keys(createRequire('/').cache).filter((file) => file.includes('@opentelemetry'));
   process.on('exit', () => process.stdout.write(JSON.stringify({ loaded: loaded() }) + '\\n'));`,
)}`;

let folder: string;
let simulator: Running;
let market: { listening: string; credentials: { vastKey: string } };
let collector: OtlpReceiver;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-traces-'));
  simulator = startProgram('dist/simulator/main.js', {
    args: ['--port', '0', '--boot-scale', '0.02', '--bad-share', '0'],
    env: { SIM_RATE_LIMITS: 'off' },
  });
  market = await simulator.line('listening');
  collector = await openOtlpReceiver();
});
afterAll(async () => {
  collector.close();
  await simulator.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

interface Broker {
  readonly url: string;
  /** Ends it with a signal, and resolves with all that it wrote. */
  finish(): Promise<readonly LogLine[]>;
}

async function startBroker(name: string, settings: Record<string, string>): Promise<Broker> {
  const running = startProgram('dist/main.js', {
    env: {
      PORT: '0',
      DATABASE_PATH: join(folder, `${name}.db`),
      VASTAI_API_KEY: market.credentials.vastKey,
      VASTAI_BASE_URL: market.listening,
      LOG_LEVEL: 'trace',
      NODE_OPTIONS: `--import=${TELL_LOADED}`,
      ...settings,
    },
  });
  const written: Buffer[] = [];
  running.process.stdout?.on('data', (chunk: Buffer) => written.push(chunk));
  const { addresses } = await running.line<{ addresses: { port: number }[] }>('addresses');
  const url = `http://127.0.0.1:${addresses[0]?.port}`;
  return {
    url,
    finish: async () => {
      expect(await running.kill('SIGTERM')).toBe('0');
      const lines = Buffer.concat(written).toString('utf8').split('\n');
      return lines.filter((line) => line.startsWith('{')).map((line): LogLine => JSON.parse(line));
    },
  };
}

interface Asking {
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask({ url }: Broker, call: string, { body, headers }: Asking = {}) {
  const [method = '', path = ''] = call.split(' ');
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(body ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

async function create(broker: Broker, headers: Readonly<Record<string, string>>) {
  const body = {
    consumer_id: 'traced',
    requirements: { provider: 'vastai' },
    workload_type: 'ssh',
    reservation_hours: 1,
  };
  for (let tries = 0; tries < 100; tries += 1) {
    const created = await ask(broker, 'POST /sessions', { body, headers });
    // The menu is not read yet.
    if (![422, 503].includes(created.status)) return created;
    await sleep(100);
  }
  throw new Error('there never was an offer');
}

async function untilStatus(broker: Broker, id: string, wanted: readonly string[]): Promise<void> {
  let status = '';
  for (let tries = 0; tries < 600 && !wanted.includes(status); tries += 1) {
    await sleep(50);
    ({ status } = (await ask(broker, `GET /sessions/${id}`)).json);
  }
  expect(wanted).toContain(status);
}

/** One that goes well, from the create to the end, and the id of its session. */
async function wholeLife(broker: Broker): Promise<string> {
  const traceparent = `00-${TRACE}-${CALLER}-01`;
  const headers = { 'x-request-id': 'the-create', traceparent, tracestate: 'vendor=1' };
  const { json } = await create(broker, headers);
  const { id } = json.session;
  await untilStatus(broker, id, ['running']);
  await ask(broker, `POST /sessions/${id}/heartbeat`, {
    body: { agent_token: json.agent_token, busy: true },
    headers: { 'x-request-id': 'the-heartbeat' },
  });
  await ask(broker, `GET /sessions/${id}/diagnostics`);
  await ask(broker, `POST /sessions/${id}/extend`, { body: { additional_hours: 1 } });
  await ask(broker, `POST /sessions/${id}/done`, { headers: { 'x-request-id': 'the-end' } });
  await untilStatus(broker, id, ['stopped']);
  return id;
}

/** The marketplace fails in the middle of launches. */
async function troubledLives(broker: Broker): Promise<readonly string[]> {
  const turn = (faults: object) =>
    fetch(`${market.listening}/_sim/faults`, { method: 'POST', body: JSON.stringify(faults) });
  const ids: string[] = [];
  for (const faults of [{ serverErrorAfter: 1 }, { badGatewayBefore: 1 }]) {
    await turn(faults);
    const made = create(broker, {});
    await sleep(300);
    await turn({});
    const { json } = await made;
    if (json.session) ids.push(json.session.id);
  }
  for (const id of ids) {
    await ask(broker, `DELETE /sessions/${id}`);
    await untilStatus(broker, id, ['stopped', 'failed']);
  }
  return ids;
}

async function oddRequests(broker: Broker): Promise<void> {
  await ask(broker, 'POST /sessions', { body: '{"consumer_id": ' });
  await ask(broker, 'POST /sessions', { body: { consumer_id: 7 } });
  for (const call of ['GET /nowhere', 'DELETE /offers', 'GET /offers?max_prce=1', 'GET /%zz'])
    await ask(broker, call);
  for (const call of ['GET /sessions/sess-0000000000000000', 'POST /sessions/nobody/done'])
    await ask(broker, call);
  await ask(broker, `GET /offers/${'x'.repeat(300)}`);
  await ask(broker, 'GET /templates/0123456789abcdef0123456789abcdef');
  await ask(broker, 'GET /sessions/none', {
    headers: { 'x-request-id': 'broken-trace', traceparent: `00-${'0'.repeat(32)}-${CALLER}-01` },
  });
}

describe.sequential('a broker with a collector', () => {
  let id: string;
  let lines: readonly LogLine[];
  const sessions = new Set<string>();
  beforeAll(async () => {
    const broker = await startBroker('traced', {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=let-me-in',
      OTEL_SERVICE_NAME: 'broker-of-the-test',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=e2e',
      // What is not sent at the end is not sent.
      OTEL_BSP_SCHEDULE_DELAY: '600000',
    });
    id = await wholeLife(broker);
    for (const one of [id, ...(await troubledLives(broker))]) sessions.add(one);
    await oddRequests(broker);
    lines = await broker.finish();
  }, 120_000);

  const linesOf = (event: string): readonly LogLine[] =>
    lines.filter((line) => line['session_id'] === id && line['event'] === event);

  it('writes the session and the request on every line that belongs to one', () => {
    expect(lines.length).toBeGreaterThan(100);
    expect(sessions.size).toBeGreaterThan(1);
    expect(strayLines(lines, sessions)).toEqual([]);
    const failed = lines.filter((line) => line['msg'] === 'provider call failed');
    expect(failed.some((line) => sessions.has(String(line['session_id'])))).toBe(true);
  });

  it('would not overlook a line that lacks them', () => {
    const isToldOf = ({ session_id: of }: LogLine): boolean => sessions.has(String(of));
    const owned = lines.filter(isToldOf);
    expect(owned.length).toBeGreaterThan(20);
    const anonymous = owned.map(({ request_id: _, ...line }) => line);
    expect(strayLines(anonymous, sessions)).toEqual(anonymous);
    const homeless = lines
      .filter(({ event }) => event === 'act_ended' || event === 'login_tried')
      .map(({ session_id: _, ...line }) => line);
    expect(strayLines(homeless, sessions)).toEqual(homeless);
    expect(homeless.length).toBeGreaterThan(5);
  });

  it('tells of what a step does under the id and the trace of the request that asked for it', () => {
    for (const event of ['session_created', 'launch_accepted', 'login_proven', 'act_ended'])
      expect(linesOf(event)[0]).toMatchObject({ request_id: 'the-create', trace_id: TRACE });
    expect(linesOf('instance_gone')).toMatchObject([{ request_id: 'the-end' }]);
    expect(linesOf('instance_gone')[0]?.['trace_id']).not.toBe(TRACE);
    const served = lines.filter((line) => line['msg'] === 'request served');
    const ofCreate = served.find((line) => line['request_id'] === 'the-create');
    expect(ofCreate).toMatchObject({ route: '/sessions', trace_id: TRACE });
    const ofBroken = served.find((line) => line['request_id'] === 'broken-trace');
    expect(ofBroken?.['trace_id']).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
  });

  it('continues the trace of the create down to the calls of the marketplace and the login', () => {
    const spans = collector.spans().filter(({ traceId }) => traceId === TRACE);
    const named = (name: string) => spans.filter((span) => span.name === name);
    // Those before it were refused: the menu was not read yet.
    const request = named('POST /sessions').find(
      (span) => attributeOf(span, 'http.response.status_code') === 201,
    );
    expect(request).toMatchObject({ parentSpanId: CALLER, kind: 2, traceState: 'vendor=1' });
    const [act] = named('session launch');
    expect(act).toMatchObject({ parentSpanId: request?.spanId });
    expect(act?.events.map(({ name }) => name)).toContain('launch_accepted');
    const [launch] = named('vastai launch');
    expect(launch).toMatchObject({ parentSpanId: act?.spanId, kind: 3 });
    expect(launch && attributeOf(launch, 'broker.session_id')).toBe(id);
    expect(launch && attributeOf(launch, 'broker.outcome')).toBe('ok');
    const [proof] = named('session prove_login');
    expect(named('ssh login')[0]).toMatchObject({ parentSpanId: proof?.spanId });
  });

  it('ends the session in the trace of the request that ended it', () => {
    const spans = collector.spans();
    const terminate = spans.find(
      (span) => span.name === 'vastai terminate' && attributeOf(span, 'broker.session_id') === id,
    );
    const request = spans.find(
      (span) => span.traceId === terminate?.traceId && span.name === 'POST /sessions/:id/done',
    );
    expect(request && attributeOf(request, 'broker.request_id')).toBe('the-end');
  });

  it('marks what failed', () => {
    const failed = collector.spans().filter(({ status }) => status.code === 2);
    const launches = failed.filter(({ name }) => name === 'vastai launch');
    expect(launches.map((span) => attributeOf(span, 'error.type'))).toContain('unavailable');
  });

  it('says who it is as the variables say, and shows its key to the collector', () => {
    const [resource] = collector.resources();
    expect(resource && attributeOf(resource, 'service.name')).toBe('broker-of-the-test');
    expect(resource && attributeOf(resource, 'deployment.environment')).toBe('e2e');
    expect(collector.requests[0]?.headers).toMatchObject({ 'x-collector-key': 'let-me-in' });
  });

  it('says nothing of it in its log', () => {
    expect(JSON.stringify(lines)).not.toContain('let-me-in');
  });

  it('has read the libraries', () => {
    expect(JSON.stringify(loadedBy(lines))).toContain('@opentelemetry/sdk-trace-base');
  });
});

describe.concurrent('a broker', () => {
  it('reads nothing of the libraries where no variable asks for spans, and continues traces in its log', async () => {
    const broker = await startBroker('quiet', { OTEL_SERVICE_NAME: 'nobody-collects' });
    const headers = { 'x-request-id': 'seen', traceparent: `00-${TRACE}-${CALLER}-01` };
    await ask(broker, 'GET /nowhere', { headers });
    const lines = await broker.finish();
    // The metrics library has a use for the types' package of its own.
    expect(loadedBy(lines).filter((file) => !file.includes('@opentelemetry/api/'))).toEqual([]);
    expect(lines.find((line) => line['request_id'] === 'seen')).toMatchObject({ trace_id: TRACE });
  });

  it.each([
    ['is not there', 'http://127.0.0.1:9'],
    ['never answers', 'never'],
  ])('serves, and ends in time, with a collector that %s', async (_what, endpoint) => {
    const hanging = await openOtlpReceiver('never');
    const url = endpoint === 'never' ? hanging.url : endpoint;
    const broker = await startBroker(`dead ${_what}`, {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      SHUTDOWN_TIMEOUT: '20s',
    });
    for (let asked = 0; asked < 20; asked += 1)
      expect((await ask(broker, 'GET /health')).status).toBe(200);
    const lines = await broker.finish();
    hanging.close();
    const told = lines.filter((line) => line['msg'] === 'spans not delivered');
    expect(told.length).toBeLessThanOrEqual(1);
    expect(lines.map((line) => line['msg'])).not.toContain('open work did not finish in time');
  });

  it('names what it does not honour, and starts all the same', async () => {
    const broker = await startBroker('grpc', {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    });
    const lines = await broker.finish();
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', variable: 'OTEL_EXPORTER_OTLP_PROTOCOL' }),
    );
  });
});

function loadedBy(lines: readonly LogLine[]): readonly string[] {
  const told = lines.find((line): line is { loaded: string[] } => 'loaded' in line);
  if (!told) throw new Error('nobody told what was loaded');
  return told.loaded;
}
