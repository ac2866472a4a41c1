import { describe, expect, it } from 'vitest';
import { createChance } from '../../src/simulator/chance.ts';
import { parseJson } from '../../src/simulator/json.ts';
import type { Facade, SimReply, SimRequest } from '../../src/simulator/model.ts';
import { marketOf, type PlayedRequest, playWire } from '../../src/simulator/wire.ts';
import { NO_FAULTS, type WireFaults } from '../../src/simulator/wire-faults.ts';
import { handClock, START } from './hand-clock.ts';

class PlayedError extends Error {
  readonly mayHaveArrived: boolean;

  constructor(message: string, mayHaveArrived: boolean) {
    super(message);
    this.mayHaveArrived = mayHaveArrived;
  }
}

const ROWS = Array.from({ length: 10 }, (_, id) => ({ id }));
const LIST: PlayedRequest = {
  method: 'GET',
  url: 'https://console.example/api/v1/instances/?limit=25',
  headers: { Authorization: 'Bearer x' },
};
const CREATE: PlayedRequest = {
  method: 'PUT',
  url: 'https://console.example/api/v0/asks/1/',
  headers: {},
  body: '{"label":"x"}',
};

function wireWorld(initial: Partial<WireFaults> = {}) {
  const clock = handClock();
  const arrived: SimRequest[] = [];
  const state = { faults: { ...NO_FAULTS, ...initial } };
  const facade: Facade = async (request) => {
    if (!request.path.startsWith('/api/')) return undefined;
    arrived.push(request);
    const body =
      request.path === '/api/v1/instances/'
        ? { total: 10, instances: ROWS }
        : { arrived: arrived.length };
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  };
  const wire = playWire({
    facades: [async () => undefined, facade],
    clock,
    chance: createChance('wire'),
    faults: () => state.faults,
    asWireError: (message, mayHaveArrived) => new PlayedError(message, mayHaveArrived),
  });
  const send = (request: PlayedRequest, signal = new AbortController().signal): Promise<SimReply> =>
    wire(request, signal);
  return { clock, arrived, state, send };
}

/** Lets whatever waits for promises alone come to rest. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
}

async function failureOf(sent: Promise<SimReply>): Promise<PlayedError> {
  const error: unknown = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PlayedError)) throw new Error('the call did not fail on the wire');
  return error;
}

describe('a wire without faults', () => {
  it('brings a request to the façade whose path it is, and its answer back', async () => {
    const { arrived, send } = wireWorld();
    const reply = await send(LIST);
    expect(JSON.parse(reply.body)).toEqual({ total: 10, instances: ROWS });
    expect(arrived[0]).toMatchObject({ method: 'GET', path: '/api/v1/instances/', body: '' });
    expect(arrived[0]?.query.get('limit')).toBe('25');
    expect(arrived[0]?.headers).toEqual({ authorization: 'Bearer x' });
    expect((await send({ ...LIST, url: 'https://console.example/nowhere' })).status).toBe(404);
  });

  it('takes its time on the played clock, there and back', async () => {
    const { clock, arrived, send } = wireWorld({ latencyMs: { low: 400, high: 400 } });
    let reply: SimReply | undefined;
    void send(CREATE).then((answer) => {
      reply = answer;
    });
    await settle();
    expect(arrived).toHaveLength(0);
    clock.advance(399);
    await settle();
    clock.advance(0);
    await settle();
    expect(arrived).toHaveLength(1);
    expect(reply).toBeUndefined();
    clock.advance(400);
    await settle();
    expect(reply?.status).toBe(200);
  });

  it('rejects an aborted call, which may have taken effect all the same', async () => {
    const { clock, arrived, send } = wireWorld({ latencyMs: { low: 1_000, high: 1_000 } });
    const abort = new AbortController();
    const sent = send(CREATE, abort.signal);
    abort.abort();
    expect((await failureOf(sent)).mayHaveArrived).toBe(true);
    clock.advance(2_000);
    await settle();
    expect(arrived).toHaveLength(1);
  });

  it('passes a mistake of the façade on as it is', async () => {
    const wire = playWire({
      facades: [() => Promise.reject(new Error('façade mistake'))],
      clock: handClock(),
      chance: createChance(1),
      faults: () => NO_FAULTS,
      asWireError: (message, arrived) => new PlayedError(message, arrived),
    });
    await expect(wire(LIST, new AbortController().signal)).rejects.toThrow('façade mistake');
  });
});

describe('a fault before the effect', () => {
  it('quotes the request with its credentials, in many forms', async () => {
    const { arrived, send } = wireWorld({ echoed: 1 });
    const replies = await Promise.all(Array.from({ length: 60 }, () => send(LIST)));
    expect(arrived).toEqual([]);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400, 422, 500]));
    const types = replies.map(({ headers }) => headers['content-type']);
    expect(new Set(types)).toEqual(new Set(['application/json', 'text/plain', 'text/html']));
    const quoting = replies.filter(({ body }) => body.includes('authorization: Bearer x'));
    expect(quoting.length).toBeGreaterThan(10);
    expect(quoting.length).toBeLessThan(replies.length);
    expect(quoting.some(({ body }) => body.includes('GET /api/v1/instances/?limit=25'))).toBe(true);
  });

  it('refuses the connection, and nothing can have arrived', async () => {
    const { arrived, send } = wireWorld({ refused: 1 });
    expect((await failureOf(send(CREATE))).mayHaveArrived).toBe(false);
    expect(arrived).toHaveLength(0);
  });

  it.each([
    ['serverErrorBefore', 500, 'server_error'],
    ['badGatewayBefore', 502, '<html>'],
    ['rateLimited', 429, 'threshold=4.5'],
  ] as const)('%s answers %i and nothing happens behind it', async (name, status, text) => {
    const { arrived, send } = wireWorld({ [name]: 1 });
    const reply = await send(CREATE);
    expect(reply.status).toBe(status);
    expect(reply.body).toContain(text);
    expect(arrived).toHaveLength(0);
  });
});

describe('a fault after the effect', () => {
  it('loses the answer: nothing comes until the caller gives up', async () => {
    const { clock, arrived, send } = wireWorld({ lostAnswer: 1 });
    const abort = new AbortController();
    const sent = send(CREATE, abort.signal);
    let isSettled = false;
    sent.catch(() => {
      isSettled = true;
    });
    clock.advance(3_600_000);
    await settle();
    expect(arrived).toHaveLength(1);
    expect(isSettled).toBe(false);
    abort.abort();
    expect((await failureOf(sent)).mayHaveArrived).toBe(true);
  });

  it('resets the connection', async () => {
    const { arrived, send } = wireWorld({ resetAfter: 1 });
    expect((await failureOf(send(CREATE))).mayHaveArrived).toBe(true);
    expect(arrived).toHaveLength(1);
  });

  it('answers a 5xx', async () => {
    const { arrived, send } = wireWorld({ serverErrorAfter: 1 });
    expect((await send(CREATE)).status).toBeGreaterThanOrEqual(500);
    expect(arrived).toHaveLength(1);
  });

  it('cuts the JSON off', async () => {
    const { send } = wireWorld({ cutBody: 1 });
    const reply = await send(LIST);
    expect(reply.status).toBe(200);
    expect(() => JSON.parse(reply.body)).toThrow();
  });

  it('drops the last items of a list, leaves the count beside it, and other answers alone', async () => {
    const { send } = wireWorld({ shortList: 1 });
    const { total, instances } = JSON.parse((await send(LIST)).body);
    expect(total).toBe(10);
    expect(instances.length).toBeLessThan(10);
    expect(instances).toEqual(ROWS.slice(0, instances.length));
    expect(JSON.parse((await send(CREATE)).body)).toEqual({ arrived: 2 });
  });

  it('empties a list', async () => {
    const { send } = wireWorld({ emptyList: 1 });
    expect(JSON.parse((await send(LIST)).body)).toEqual({ total: 10, instances: [] });
  });

  it('leaves the caller of a launch without an answer, and no other caller', async () => {
    const { arrived, send } = wireWorld({ lostLaunch: 1 });
    expect(JSON.parse((await send(LIST)).body).instances).toEqual(ROWS);
    const launches = Array.from({ length: 20 }, async () => {
      const abort = new AbortController();
      const sent = send(CREATE, abort.signal);
      await settle();
      abort.abort();
      const reply = await sent.catch(() => undefined);
      return reply?.status === 200 ? parseJson(reply.body) : undefined;
    });
    expect(await Promise.all(launches)).toEqual(Array.from({ length: 20 }, () => undefined));
    expect(arrived).toHaveLength(21);
  });

  it('handles a request twice', async () => {
    const { arrived, send } = wireWorld({ duplicated: 1 });
    expect(JSON.parse((await send(CREATE)).body)).toEqual({ arrived: 2 });
    expect(arrived).toHaveLength(2);
  });
});

describe('an outage', () => {
  const window = { market: 'vastai', from: START + 1_000, to: START + 2_000 } as const;

  it('is there in its window only, for its own market only', async () => {
    const { clock, send } = wireWorld({ outages: [{ ...window, as: 'refused' }] });
    expect((await send(LIST)).status).toBe(200);
    clock.advance(1_000);
    expect((await failureOf(send(LIST))).mayHaveArrived).toBe(false);
    expect((await send({ ...LIST, url: 'https://dock.example/api/v2/instances' })).status).toBe(
      200,
    );
    clock.advance(1_000);
    expect((await send(LIST)).status).toBe(200);
  });

  it('may be a gateway that answers for nobody', async () => {
    const { clock, arrived, send } = wireWorld({ outages: [{ ...window, as: 'bad_gateway' }] });
    clock.advance(1_500);
    expect((await send(LIST)).status).toBe(502);
    expect(arrived).toHaveLength(0);
  });
});

describe('faults', () => {
  it('are read at each request, so that a world can heal', async () => {
    const { state, send } = wireWorld({ refused: 1 });
    await failureOf(send(LIST));
    state.faults = NO_FAULTS;
    expect((await send(LIST)).status).toBe(200);
  });

  it('come as often as the rate says, and at the same requests for the same seed', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const { send } = wireWorld({ badGatewayBefore: 0.3 });
        const statuses: number[] = [];
        for (let count = 0; count < 400; count += 1) statuses.push((await send(LIST)).status);
        return statuses;
      }),
    );
    expect(runs[0]).toEqual(runs[1]);
    const failed = runs[0]?.filter((status) => status === 502).length ?? 0;
    expect(Math.abs(failed - 120)).toBeLessThan(40);
  });

  it('stay where they are when another fault is turned off', async () => {
    const statusesWith = async (faults: Partial<WireFaults>) => {
      const { send } = wireWorld({ badGatewayBefore: 0.3, ...faults });
      const statuses: number[] = [];
      for (let count = 0; count < 100; count += 1) statuses.push((await send(LIST)).status);
      return statuses;
    };
    expect(await statusesWith({ emptyList: 0.5, duplicated: 0.5 })).toEqual(await statusesWith({}));
  });
});

describe('a path', () => {
  it.each([
    ['/api/v0/asks/1/', 'vastai'],
    ['/api/v1/instances/', 'vastai'],
    ['/api/v0/users/current/', 'vastai'],
    ['/api/v2/instances', 'tensordock'],
    ['/api/v0/client/deploy/single', 'tensordock'],
    ['/api/v0/billing/balance', 'tensordock'],
    ['/api/v0/auth/test', 'tensordock'],
    ['/api/v0/auth/apikeys/', 'vastai'],
  ])('%s belongs to %s', (path, market) => {
    expect(marketOf(path)).toBe(market);
  });
});
