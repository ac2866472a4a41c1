import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import type { Tracing } from '../../src/ports/tracing.ts';
import { systemClock } from '../../src/system/clock.ts';
import { openTracing } from '../../src/telemetry/open-tracing.ts';
import { attributeOf, type OtlpReceiver, openOtlpReceiver } from '../support/otlp-receiver.ts';
import { type CapturedLog, captureLog } from './captured-log.ts';
import { NOTES } from './facts.ts';

/** The short time that is waited for a collector at the end passes at once. */
const HASTY: Clock = {
  ...systemClock,
  after: (_delayMs, callback) => systemClock.after(1, callback),
};

let log: CapturedLog;
let collector: OtlpReceiver;
beforeEach(async () => {
  log = captureLog();
  collector = await openOtlpReceiver();
});
afterEach(() => {
  vi.unstubAllEnvs();
  collector.close();
});

/** The libraries read the variables of the process itself. */
async function open(
  variables: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
): Promise<Tracing> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const tracing = await openTracing(process.env, { logger: log.logger, clock, version: '1.2.3' });
  if (!tracing) throw new Error('no spans are made');
  return tracing;
}

const phrases = (): unknown[] => log.lines().map((line) => line['msg']);

test('spans are sent as protocol buffers where nothing else is said', async () => {
  const tracing = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  tracing.note(NOTES.provider_call);
  await tracing.close();
  const [request] = collector.requests;
  expect(request?.headers['content-type']).toBe('application/x-protobuf');
  expect(request?.body.toString('latin1')).toContain('alpha launch');
});

test('the service is this program in this version where the variables do not name another', async () => {
  const tracing = await open({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/somewhere`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  tracing.note(NOTES.provider_call);
  await tracing.close();
  const [resource] = collector.resources();
  expect(resource && attributeOf(resource, 'service.name')).toBe('gpu-broker');
  expect(resource && attributeOf(resource, 'service.version')).toBe('1.2.3');
});

test('what the sampler leaves out is not sent', async () => {
  const tracing = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'always_off',
  });
  tracing.note(NOTES.provider_call);
  await tracing.close();
  expect(collector.requests).toEqual([]);
});

test('a collector that is not there is told of once', async () => {
  const tracing = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1',
  });
  for (let calls = 0; calls < 5; calls += 1) tracing.note(NOTES.provider_call);
  await vi.waitFor(() => expect(phrases()).toContain('spans not delivered'));
  await tracing.close();
  expect(phrases().filter((phrase) => phrase === 'spans not delivered')).toHaveLength(1);
});

test('closing does not wait for a collector that never answers', async () => {
  const hanging = await openOtlpReceiver('never');
  const tracing = await open({ OTEL_EXPORTER_OTLP_ENDPOINT: hanging.url }, HASTY);
  tracing.note(NOTES.provider_call);
  await tracing.close();
  hanging.close();
  expect(hanging.requests.length).toBeLessThanOrEqual(1);
});

test('no more spans wait than the queue holds', async () => {
  const tracing = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_MAX_QUEUE_SIZE: '3',
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  });
  // A batch is as large as the queue at most; it is on its way when the next ones come.
  for (let calls = 0; calls < 50; calls += 1) tracing.note(NOTES.provider_call);
  await tracing.close();
  expect(collector.spans().length).toBeLessThanOrEqual(6);
  expect(collector.spans().length).toBeGreaterThan(0);
});

test('what a library complains of is a line', async () => {
  const tracing = await open({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'sometimes',
  });
  await tracing.close();
  expect(log.lines()).toMatchObject([
    { level: 'warn', msg: 'OpenTelemetry complains', detail: expect.stringContaining('sometimes') },
  ]);
});

test('a variable that is not honoured is named', async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const parts = { logger: log.logger, clock: systemClock, version: '1.2.3' };
  expect(await openTracing(env, parts)).toBeUndefined();
  expect(log.lines()).toMatchObject([{ level: 'warn', variable: 'OTEL_EXPORTER_OTLP_PROTOCOL' }]);
});
