import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ProviderFailure } from '../../src/domain/errors.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { withoutSecrets } from '../../src/telemetry/secret-text.ts';
import { captureLog } from './captured-log.ts';

const SECRET = 'hunter2hunter2hunter2';

test('a line is JSON with ISO time, the level by name and the phrase', () => {
  const log = captureLog();
  log.logger.info({ provider: 'alpha' }, 'session created');
  expect(log.lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      provider: 'alpha',
      msg: 'session created',
    },
  ]);
});

test('lines below the level are not written', () => {
  const log = captureLog('warn');
  log.logger.info('quiet');
  log.logger.warn('loud');
  expect(log.lines().map((line) => line['msg'])).toEqual(['loud']);
});

describe('a secret never reaches a line', () => {
  test.each([
    ['a private key field', { privateKey: SECRET }],
    ['a token field', { token: SECRET }],
    ['a field one level down', { config: { apiKey: SECRET } }],
    ['request headers', { req: { headers: { authorization: `Bearer ${SECRET}` } } }],
    ['a text with a bearer token', { detail: `sent Authorization: Bearer ${SECRET} and failed` }],
    ['a URL', { detail: `GET https://example.test/x?api_key=${SECRET}&limit=1` }],
    ['an error', { err: new Error(`401 for token=${SECRET}`) }],
    ['a cause', { err: new Error('outer', { cause: new Error(`"api_key": "${SECRET}"`) }) }],
    [
      'a field that hangs on an error',
      { err: Object.assign(new Error('x'), { request: { body: SECRET } }) },
    ],
    ['a thrown text', { err: `password=${SECRET}` }],
    ['an agent token', { note: `the machine sent agent_${SECRET}-_A` }],
    [
      'a PEM',
      {
        note: `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}\n-----END OPENSSH PRIVATE KEY-----\n`,
      },
    ],
  ])('in %s', (_, fields) => {
    const log = captureLog();
    log.logger.error(fields, 'something failed');
    expect(log.lines()).toHaveLength(1);
    expect(log.text()).not.toContain(SECRET);
  });

  test('and what stands around it stays readable', () => {
    expect(withoutSecrets('GET /x?api_key=abc123&limit=1 gave 401')).toBe(
      'GET /x?api_key=[redacted]&limit=1 gave 401',
    );
    expect(withoutSecrets('the token bucket is empty; basic rules apply')).toBe(
      'the token bucket is empty; basic rules apply',
    );
  });
});

test('a provider failure tells its kind, its outcome and its cause', () => {
  const log = captureLog();
  const cause = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  const failure = new ProviderFailure({
    kind: 'unavailable',
    outcome: 'unknown',
    detail: 'reset',
    cause,
  });
  log.logger.error({ err: failure }, 'step failed');
  expect(log.lines()[0]).toMatchObject({
    err: {
      type: 'ProviderFailure',
      kind: 'unavailable',
      outcome: 'unknown',
      cause: { message: 'socket hang up', code: 'ECONNRESET' },
    },
  });
});

test('a chain of causes that bites its tail ends', () => {
  const log = captureLog();
  const error = new Error('round');
  error.cause = error;
  log.logger.error({ err: error }, 'step failed');
  expect(log.text().length).toBeLessThan(20_000);
});

test('the pretty form is for reading: one entry, no JSON', () => {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const logger = createLogger({ level: 'info', format: 'pretty', destination });
  logger.info({ provider: 'alpha', token: SECRET }, 'session created');
  const text = stripVTControlCharacters(written.join(''));
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: session created\n/);
  expect(text).toContain('provider: "alpha"');
  expect(text).not.toContain(SECRET);
});
