import { describe, expect, it } from 'vitest';
import { ProviderFailure } from '../../src/domain/errors.ts';
import { type Call, HttpTransport } from '../../src/providers/http-transport.ts';
import { MAX_WAITING } from '../../src/providers/rate-gate.ts';
import {
  WireError,
  type WireFetch,
  type WireRequest,
  type WireResponse,
} from '../../src/providers/wire-fetch.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

const SECRET = 'key/with+odd=signs';
const EMPTY: WireResponse = { status: 200, headers: {}, body: '' };

const CALL: Call = {
  operation: 'launch',
  method: 'PUT',
  path: '/things/',
  deadlineMs: 30_000,
  priority: 'launch',
  gates: ['all'],
  hasEffect: true,
};

function transportOver(fetch: WireFetch) {
  const clock = manualClock();
  const recorder = recordingRecorder();
  const transport = new HttpTransport(
    { fetch, clock, recorder },
    {
      provider: 'alpha',
      api: 'alpha-v1',
      baseUrl: 'https://alpha.test',
      gates: { all: 1_000, burst: { calls: 2, perMs: 60_000 } },
      secrets: [SECRET, '', 'odd'],
    },
  );
  return { transport, clock, recorder };
}

const never: WireFetch = () => new Promise(() => {});
const failing =
  (error: unknown): WireFetch =>
  () =>
    Promise.reject(error);

async function failureOf(promise: Promise<unknown>): Promise<ProviderFailure> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderFailure) return error;
  throw new Error('expected a ProviderFailure', { cause: error });
}

describe('http transport', () => {
  it('sends method, address, query, headers and body, and returns what the judge makes of the reply', async () => {
    const sent: WireRequest[] = [];
    const { transport } = transportOver(async (request) => {
      sent.push(request);
      return { status: 201, headers: { 'x-id': '7' }, body: '{"ok":[1]}' };
    });
    const value = await transport.exchange(
      { ...CALL, query: { q: '{"a b":1}' }, headers: { authorization: 'Bearer x' }, body: '{}' },
      (reply) => ({ ...reply }),
    );
    expect(value).toEqual({
      status: 201,
      headers: { 'x-id': '7' },
      text: '{"ok":[1]}',
      json: { ok: [1] },
    });
    expect(sent).toEqual([
      {
        method: 'PUT',
        url: 'https://alpha.test/things/?q=%7B%22a+b%22%3A1%7D',
        headers: { accept: 'application/json', authorization: 'Bearer x' },
        body: '{}',
      },
    ]);
  });

  it('shows text that is not JSON as text without a value', async () => {
    const { transport } = transportOver(async () => ({ ...EMPTY, body: '<html>' }));
    expect(await transport.exchange(CALL, ({ text, json }) => ({ text, json }))).toEqual({
      text: '<html>',
      json: undefined,
    });
  });

  it.each([
    { hasEffect: true, outcome: 'unknown' },
    { hasEffect: false, outcome: 'not_done' },
  ])(
    'ends a call at its deadline: $outcome when hasEffect is $hasEffect',
    async ({ hasEffect, outcome }) => {
      const { transport, clock, recorder } = transportOver(never);
      const failure = failureOf(transport.exchange({ ...CALL, hasEffect }, () => undefined));
      await clock.advance(29_999);
      expect(recorder.notes).toEqual([]);
      await clock.advance(1);
      expect(await failure).toMatchObject({ kind: 'unavailable', outcome });
      expect(recorder.notes).toMatchObject([{ durationMs: 30_000, failure: 'unavailable' }]);
      expect(clock.pending).toBe(0);
    },
  );

  it('gives the signal of the deadline to the fetch', async () => {
    const signals: AbortSignal[] = [];
    const { transport, clock } = transportOver((_, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const failure = failureOf(transport.exchange(CALL, () => undefined));
    await clock.advance(30_000);
    await failure;
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
  });

  it('says not_done for a refused connection, even of a call with an effect', async () => {
    const { transport } = transportOver(
      failing(new WireError('refused', { mayHaveArrived: false })),
    );
    expect(await failureOf(transport.exchange(CALL, () => undefined))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not_done',
    });
  });

  it('says unknown for a connection that broke, and not_done when the call changes nothing', async () => {
    const { transport, clock } = transportOver(
      failing(new WireError('reset', { mayHaveArrived: true })),
    );
    expect(await failureOf(transport.exchange(CALL, () => undefined))).toMatchObject({
      outcome: 'unknown',
    });
    const reading = failureOf(transport.exchange({ ...CALL, hasEffect: false }, () => undefined));
    await clock.advance(1_000);
    expect(await reading).toMatchObject({ outcome: 'not_done' });
  });

  it('turns a reading that throws into a malformed failure of unknown outcome', async () => {
    const { transport } = transportOver(async () => EMPTY);
    const cause = new TypeError('x is undefined');
    const failure = await failureOf(
      transport.exchange(CALL, () => {
        throw cause;
      }),
    );
    expect(failure).toMatchObject({ kind: 'malformed', outcome: 'unknown', cause });
  });

  it('records each call once, with its meaning', async () => {
    const { transport, clock, recorder } = transportOver(async () => EMPTY);
    await transport.exchange(CALL, () => undefined);
    const refusal = failureOf(
      transport.exchange(CALL, () => {
        throw new ProviderFailure({ kind: 'no_capacity', outcome: 'not_done', detail: 'gone' });
      }),
    );
    await clock.advance(1_000);
    await refusal;
    const about = {
      kind: 'provider_call',
      provider: 'alpha',
      api: 'alpha-v1',
      operation: 'launch',
      durationMs: 0,
    };
    expect(recorder.notes).toEqual([about, { ...about, failure: 'no_capacity', detail: 'gone' }]);
  });

  it('waits as long as a provider that is called too often asks for', async () => {
    const times: number[] = [];
    const { transport, clock } = transportOver(async () => {
      times.push(clock.monotonicMs());
      return EMPTY;
    });
    await failureOf(
      transport.exchange(CALL, () => {
        throw new ProviderFailure({
          kind: 'rate_limited',
          outcome: 'not_done',
          detail: 'slow down',
          retryAfterMs: 12_000,
        });
      }),
    );
    const next = transport.exchange(CALL, () => 'sent');
    await clock.advance(12_000);
    expect(await next).toBe('sent');
    expect(times).toEqual([0, 12_000]);
  });

  it('passes every gate that a call names', async () => {
    const { transport, clock, recorder } = transportOver(async () => EMPTY);
    const both = { ...CALL, gates: ['all', 'burst'] };
    for (let call = 0; call < 3; call += 1) void transport.exchange(both, () => undefined);
    await clock.advance(59_000);
    expect(recorder.notes).toHaveLength(2);
    await clock.advance(1_000);
    expect(recorder.notes).toHaveLength(3);
  });

  it('refuses a call when too many wait, but never one that ends a machine', async () => {
    const { transport, recorder, clock } = transportOver(async () => EMPTY);
    for (let call = 0; call <= MAX_WAITING; call += 1) {
      void transport.exchange(CALL, () => undefined);
    }
    expect(await failureOf(transport.exchange(CALL, () => undefined))).toMatchObject({
      kind: 'rate_limited',
      outcome: 'not_done',
    });
    const ending = transport.exchange(
      { ...CALL, operation: 'terminate', priority: 'terminate' },
      () => 'ended',
    );
    await clock.advance(1_000);
    expect(await ending).toBe('ended');
    expect(recorder.notes).toHaveLength(2);
  });

  it('cuts secrets out of everything shown, in either spelling, and caps its length', async () => {
    const { transport } = transportOver(
      failing(new WireError(`GET ?k=${SECRET}`, { mayHaveArrived: true })),
    );
    const failure = await failureOf(transport.exchange(CALL, () => undefined));
    expect(failure.message).toContain('[redacted]');
    expect(JSON.stringify([failure, failure.message, failure.stack])).not.toContain('odd');
    expect(transport.redact(`a=${encodeURIComponent(SECRET)}`)).toBe('a=[redacted]');
    expect(transport.redact('x'.repeat(5_000)).length).toBeLessThanOrEqual(301);
  });
});
