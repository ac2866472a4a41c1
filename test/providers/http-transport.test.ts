import { describe, expect, it } from 'vitest';
import { FAILURE_KINDS, ProviderFailure } from '../../src/domain/errors.ts';
import {
  type Call,
  HttpTransport,
  type TransportOptions,
} from '../../src/providers/http-transport.ts';
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

function transportOver(fetch: WireFetch, options: Partial<TransportOptions> = {}) {
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
      ...options,
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
    expect(recorder.notes).toEqual([
      { ...about, waitedMs: 0 },
      { ...about, waitedMs: 1_000, failure: 'no_capacity', detail: 'gone' },
    ]);
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

const TOO_FAST = new ProviderFailure({
  kind: 'rate_limited',
  outcome: 'not_done',
  detail: 'too fast',
});

function refuse(failure: ProviderFailure) {
  return () => {
    throw failure;
  };
}

describe('http transport, called too often', () => {
  it.each([
    ['seconds', '20'],
    ['a date', 'Thu, 29 Jan 2026 12:00:20 GMT'],
  ])('waits as long as the header says in %s, and tells how long that is', async (_, header) => {
    const times: number[] = [];
    const { transport, clock } = transportOver(async () => {
      times.push(clock.monotonicMs());
      return { ...EMPTY, status: 429, headers: { 'retry-after': header } };
    });
    const failure = await failureOf(transport.exchange(CALL, refuse(TOO_FAST)));
    expect(failure).toMatchObject({ kind: 'rate_limited', retryAfterMs: 20_000 });
    void transport.exchange(CALL, () => 'sent');
    await clock.advance(30_000);
    expect(times).toEqual([0, 20_000]);
  });

  it('waits for a minute at most, whatever the answer asks for: ends wait as well', async () => {
    const times: number[] = [];
    const { transport, clock } = transportOver(async () => {
      times.push(clock.monotonicMs());
      return { ...EMPTY, status: 429 };
    });
    const patient = new ProviderFailure({
      kind: 'rate_limited',
      outcome: 'not_done',
      detail: 'come back later',
      retryAfterMs: 120_000,
    });
    const failure = await failureOf(transport.exchange(CALL, refuse(patient)));
    expect(failure).toMatchObject({ kind: 'rate_limited', retryAfterMs: 60_000 });
    void transport.exchange({ ...CALL, operation: 'terminate', priority: 'terminate' }, () => 0);
    await clock.advance(120_000);
    expect(times).toEqual([0, 60_000]);
  });

  it('keeps the interval that the answer names from then on, at that endpoint only, and says so once', async () => {
    const times: number[] = [];
    const { transport, clock, recorder } = transportOver(
      async () => {
        times.push(clock.monotonicMs());
        return { ...EMPTY, status: 429 };
      },
      { namedIntervalMs: () => 3_000 },
    );
    await failureOf(transport.exchange({ ...CALL, gates: ['all', 'burst'] }, refuse(TOO_FAST)));
    for (let call = 0; call < 2; call += 1) void transport.exchange(CALL, () => 'sent');
    await clock.advance(10_000);
    expect(times).toEqual([0, 3_300, 6_600]);
    expect(recorder.notes.filter(({ kind }) => kind === 'rate_learnt')).toEqual([
      { kind: 'rate_learnt', provider: 'alpha', api: 'alpha-v1', gate: 'all', intervalMs: 3_300 },
    ]);
  });
});

describe('http transport, at an API that does not answer', () => {
  const LIST: Call = { ...CALL, operation: 'list', priority: 'list', hasEffect: false };
  const LOOK: Call = { ...CALL, operation: 'get', priority: 'status', hasEffect: false };
  const END: Call = { ...CALL, operation: 'terminate', priority: 'terminate' };

  /** Its circuit is open, and it answers again from now on. */
  async function heldOff(
    judgement: () => unknown = () => undefined,
    before: WireFetch = failing(new WireError('reset', { mayHaveArrived: true })),
  ) {
    let isDown = true;
    const sent: WireRequest[] = [];
    const world = transportOver((request, signal) => {
      sent.push(request);
      return isDown ? before(request, signal) : Promise.resolve(EMPTY);
    });
    for (let call = 0; call < 5; call += 1) {
      const failure = failureOf(world.transport.exchange(LOOK, judgement));
      await world.clock.advance(31_000);
      await failure;
    }
    isDown = false;
    sent.length = 0;
    return { ...world, sent };
  }

  it.each([
    ['connections that break', failing(new WireError('reset', { mayHaveArrived: true }))],
    ['no answers', never],
  ])('refuses what is not vital after five in a row: %s', async (_, before) => {
    const { transport, sent, recorder } = await heldOff(undefined, before);
    expect(await failureOf(transport.exchange(CALL, () => 'launched'))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not_done',
    });
    expect(sent).toEqual([]);
    expect(recorder.notes.at(-1)).toEqual({
      kind: 'circuit_changed',
      provider: 'alpha',
      api: 'alpha-v1',
      state: 'open',
    });
  });

  const NO_CLEAR_ANSWER = new ProviderFailure({
    kind: 'unavailable',
    outcome: 'not_done',
    detail: 'no clear answer',
  });

  it.each([408, 500, 503])('refuses after five answers in a row with status %d', async (status) => {
    const answers: WireFetch = async () => ({ ...EMPTY, status });
    const { transport, sent } = await heldOff(refuse(NO_CLEAR_ANSWER), answers);
    await failureOf(transport.exchange(CALL, () => 'launched'));
    expect(sent).toEqual([]);
  });

  it.each([200, 302, 400, 499])(
    'does not count a refusal in words that nobody knows, with status %d',
    async (status) => {
      const answers: WireFetch = async () => ({ ...EMPTY, status });
      const { transport, clock } = await heldOff(refuse(NO_CLEAR_ANSWER), answers);
      const launch = transport.exchange(CALL, () => 'launched');
      await clock.advance(1_000);
      expect(await launch).toBe('launched');
    },
  );

  it.each(FAILURE_KINDS.filter((kind) => kind !== 'unavailable'))(
    'does not count an answer that means %s',
    async (kind) => {
      const answer = new ProviderFailure({ kind, outcome: 'not_done', detail: 'no' });
      const { transport, clock } = await heldOff(refuse(answer), async () => EMPTY);
      const launch = transport.exchange(CALL, () => 'launched');
      await clock.advance(120_000);
      expect(await launch).toBe('launched');
    },
  );

  it.each([
    ['an end', END],
    ['a stop', { ...CALL, operation: 'stop', priority: 'status' } as const],
    ['a list', LIST],
  ])('asks for %s all the same, and trusts the API again once it is answered', async (_, vital) => {
    const { transport, clock, recorder } = await heldOff();
    const answer = transport.exchange(vital, () => 'answered');
    await clock.advance(1_000);
    expect(await answer).toBe('answered');
    const launch = transport.exchange(CALL, () => 'launched');
    await clock.advance(1_000);
    expect(await launch).toBe('launched');
    expect(recorder.notes).toContainEqual(
      expect.objectContaining({ kind: 'circuit_changed', state: 'closed' }),
    );
  });

  it('tries one look after a while, and only then launches', async () => {
    const { transport, clock } = await heldOff();
    await clock.advance(15_000);
    expect(await failureOf(transport.exchange(CALL, () => 'launched'))).toMatchObject({
      outcome: 'not_done',
    });
    expect(await transport.exchange(LOOK, () => 'seen')).toBe('seen');
    const launch = transport.exchange(CALL, () => 'launched');
    await clock.advance(1_000);
    expect(await launch).toBe('launched');
  });

  it('refuses what was waiting for its turn when the API stopped answering', async () => {
    const { transport, clock } = transportOver(
      failing(new WireError('refused', { mayHaveArrived: false })),
    );
    const failures = Array.from({ length: 8 }, () =>
      failureOf(transport.exchange(CALL, () => undefined)),
    );
    await clock.advance(10_000);
    const details = (await Promise.all(failures)).map(({ detail }) => detail.slice(0, 9));
    expect(details.filter((detail) => detail === 'not asked')).toHaveLength(3);
  });
});
