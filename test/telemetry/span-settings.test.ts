import { expect, test } from 'vitest';
import { spanSettings } from '../../src/telemetry/span-settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const OFF = { protocol: undefined, remarks: [] };

test.each([
  ['nothing is set', {}],
  ['only a name is', { OTEL_SERVICE_NAME: 'broker', OTEL_TRACES_SAMPLER: 'always_on' }],
  ['the endpoint is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
  ['the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
  ['no exporter is wanted', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
])('none, and nothing to remark, where %s', (_what, env) => {
  expect(spanSettings(env)).toEqual(OFF);
});

test.each([
  ['the endpoint', ENDPOINT],
  ['the endpoint for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' }],
  ['the exporter', { OTEL_TRACES_EXPORTER: 'otlp' }],
  ['the endpoint, of an SDK that is not disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'false' }],
])('spans in the usual form where they are asked for by %s', (_what, env) => {
  expect(spanSettings(env)).toEqual({ protocol: 'http/protobuf', remarks: [] });
});

test('what is said for traces goes before what is said for everything', () => {
  const general = { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const env = { ...general, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' };
  expect(spanSettings(env)).toEqual({ protocol: 'http/json', remarks: [] });
});

test.each([
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://u:secret@c' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, 'OTEL_TRACES_EXPORTER'],
])('%j sends nothing and says why, without the value', (env, variable) => {
  const { protocol, remarks } = spanSettings(env);
  expect(protocol).toBeUndefined();
  expect(remarks).toMatchObject([{ variable }]);
  expect(JSON.stringify(remarks)).not.toContain('secret');
});

test.each([
  [{ ...ENDPOINT, OTEL_METRICS_EXPORTER: 'otlp' }, 'OTEL_METRICS_EXPORTER'],
  [{ ...ENDPOINT, OTEL_LOGS_EXPORTER: 'otlp' }, 'OTEL_LOGS_EXPORTER'],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'otlp,console' }, 'OTEL_TRACES_EXPORTER'],
])('%j sends spans and says what is not done', (env, variable) => {
  const { protocol, remarks } = spanSettings(env);
  expect(protocol).toBe('http/protobuf');
  expect(remarks).toMatchObject([{ variable }]);
});

test('signals that are switched off are nothing to remark', () => {
  const env = { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
  expect(spanSettings(env).remarks).toEqual([]);
});
