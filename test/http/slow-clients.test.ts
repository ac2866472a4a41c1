import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../../src/http/connection-limits.ts';
import { buildServer } from '../../src/http/server.ts';
import type { MenuQuery } from '../../src/inventory/menu.ts';
import { OfferIndex } from '../../src/inventory/offer-index.ts';
import {
  LEAST_BODY,
  NOW,
  offer,
  SESSION_ID,
  type World,
  type WorldOptions,
  world,
} from './http-world.ts';

/** As short as a busy machine lets them be. */
const SHORT: ConnectionLimits = {
  headersTimeoutMs: 300,
  requestTimeoutMs: 600,
  answerTimeoutMs: 400,
  keepAliveTimeoutMs: 300,
  checkIntervalMs: 50,
  maxConnections: 3,
  maxUnanswered: 5,
};
/** Where a busy machine must not make a caller look slow. */
const PATIENT: ConnectionLimits = {
  ...SHORT,
  headersTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 60_000,
};
const GET_READY = 'GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n';
const DESTROY = `DELETE /sessions/${SESSION_ID} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const GET_METRICS = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** More than the system keeps of an answer on its way. */
const LARGE_BYTES = 32 * 1024 * 1024;
const PIECE = Buffer.alloc(2 ** 16, 'x');

interface Listening {
  readonly asked: World;
  /** Resolves when the server has seen so many. */
  connections(count: number): Promise<void>;
  /** Resolves when the server has closed every connection that it had. */
  closedAll(): Promise<unknown>;
  call(): Caller;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function listening(options: WorldOptions = {}): Promise<Listening> {
  const asked = world({ connections: SHORT, ...options });
  const app = buildServer(asked.parts);
  app.get('/pieces', async () => Readable.from(Array(LARGE_BYTES / 2 ** 16).fill(PIECE)));
  const closed: Promise<unknown>[] = [];
  app.server.on('connection', (socket) => {
    closed.push(new Promise((resolve) => socket.once('close', resolve)));
  });
  const { hostname, port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  closers.push(() => app.close());
  return {
    asked,
    connections: async (count) => {
      while (closed.length < count) await once(app.server, 'connection');
    },
    closedAll: () => Promise.all(closed),
    call: () => {
      const caller = new Caller(connect(Number(port), hostname));
      closers.unshift(async () => caller.hangUp());
      return caller;
    },
  };
}

/** One connection, and what came over it. */
class Caller {
  readonly socket: Socket;
  /** Resolves when the server has closed it, or the system has. */
  readonly closed: Promise<unknown>;
  #heard = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      this.#heard += bytes.toString('latin1');
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  get heard(): string {
    return this.#heard;
  }

  get statuses(): readonly string[] {
    return [...this.#heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? '');
  }

  say(text: string): this {
    this.socket.write(text);
    return this;
  }

  /** A byte every now and then, until it is closed. */
  async drip(text: string): Promise<void> {
    for (const letter of text) {
      if (this.socket.destroyed) return;
      this.socket.write(letter);
      await pause(20);
    }
  }

  async hears(text: string): Promise<void> {
    while (!this.#heard.includes(text)) {
      if (this.socket.destroyed) throw new Error(`closed after: ${this.#heard.slice(0, 500)}`);
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
  }

  hangUp(): void {
    this.socket.destroy();
  }
}

/** Work that lasts until it is told to end. */
function heldWork() {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  const destroy = async () => {
    begun += 1;
    await held;
    return 'destroyed' as const;
  };
  return { destroy, release: () => release(), begun: () => begun };
}

describe('a connection is closed', () => {
  it('when it says nothing', async () => {
    const { call } = await listening();
    const caller = call();
    await caller.closed;
    expect(caller.heard).toMatch(/^HTTP\/1\.1 408 /);
    expect(caller.heard).toContain('"error":"the request took too long to arrive"');
  });

  it('when its headers drip in', async () => {
    const { call, asked } = await listening();
    const caller = call();
    await caller.drip(`GET /offers HTTP/1.1\r\nHost: localhost\r\n${'X-Slow: 1\r\n'.repeat(50)}`);
    await caller.closed;
    expect(caller.statuses).toEqual(['408']);
    expect(asked.menuQueries).toEqual([]);
  });

  it('when its body drips in, and nothing is rented', async () => {
    const { call, asked } = await listening();
    const body = JSON.stringify(LEAST_BODY).padEnd(500);
    const caller = call().say(
      `POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await caller.drip(body);
    await caller.closed;
    expect(caller.statuses).toEqual(['408']);
    expect(asked.created).toEqual([]);
    expect(asked.logLines.map(({ msg }) => msg)).not.toContain('request failed');
  });

  it('when a request is refused and its body goes on and on', async () => {
    const { call } = await listening();
    const caller = call().say(
      `POST /sessions HTTP/1.1\r\nHost: evil.example\r\nContent-Length: ${LARGE_BYTES}\r\n\r\n`,
    );
    await caller.hears('"forbidden"');
    await caller.drip('x'.repeat(200));
    await caller.closed;
    expect(caller.statuses[0]).toBe('403');
  });

  it('when it is kept open for nothing', async () => {
    const { call } = await listening();
    const caller = call().say(GET_READY);
    await caller.closed;
    expect(caller.statuses).toEqual(['200']);
  });

  it.each([
    ['whole', GET_METRICS],
    ['in pieces', GET_METRICS.replace('/metrics', '/pieces')],
  ])('when the caller takes nothing of an answer that is sent %s', async (_how, request) => {
    const { call, connections, closedAll } = await listening({
      metricsText: async () => 'x'.repeat(LARGE_BYTES),
    });
    const caller = call();
    caller.socket.pause();
    caller.say(request);
    await connections(1);
    await closedAll();
    caller.socket.resume();
    await caller.closed;
    expect(caller.statuses).toEqual(['200']);
    expect(caller.heard.length).toBeLessThan(LARGE_BYTES);
  });

  it('when the caller takes nothing of an answer that was ready before an earlier one', async () => {
    const work = heldWork();
    const { call, closedAll } = await listening({
      sessionAnswers: { destroy: work.destroy },
      metricsText: async () => 'x'.repeat(LARGE_BYTES),
    });
    const caller = call();
    caller.socket.pause();
    caller.say(DESTROY + GET_METRICS);
    while (work.begun() === 0) await pause(5);
    await pause(SHORT.answerTimeoutMs / 2);
    work.release();
    await closedAll();
    caller.socket.resume();
    await caller.closed;
    expect(caller.statuses).toEqual(['200', '200']);
    expect(caller.heard.length).toBeLessThan(LARGE_BYTES);
  });
});

describe('a connection is kept', () => {
  it('while the caller takes its answer bit by bit', async () => {
    const { call } = await listening({
      // Less than the whole takes, and more than a busy machine stands still.
      connections: { ...SHORT, answerTimeoutMs: 2_000 },
      metricsText: async () => 'x'.repeat(LARGE_BYTES),
    });
    const caller = call();
    caller.socket.on('data', () => {
      if (caller.heard.length > LARGE_BYTES) return;
      caller.socket.pause();
      setTimeout(() => caller.socket.resume(), 5);
    });
    caller.say(GET_METRICS);
    await caller.closed;
    expect(caller.heard.length).toBeGreaterThan(LARGE_BYTES);
  });

  it('while an answer is long in coming, behind another one too', async () => {
    const work = heldWork();
    const { call } = await listening({ sessionAnswers: { destroy: work.destroy } });
    const caller = call().say(GET_READY + DESTROY);
    await caller.hears('"ready"');
    await pause(SHORT.answerTimeoutMs * 3);
    work.release();
    await caller.hears('session destroyed');
    expect(caller.statuses).toEqual(['200', '200']);
  });
});

describe('an answer that is ready', () => {
  it.each([
    ['at once', GET_READY.replace('/ready', '/health')],
    ['the usual way', GET_METRICS],
  ])('%s is waited for while an earlier one is long in coming', async (_how, request) => {
    const work = heldWork();
    const { call } = await listening({ sessionAnswers: { destroy: work.destroy } });
    const caller = call().say(DESTROY + request);
    while (work.begun() === 0) await pause(5);
    await pause(SHORT.answerTimeoutMs * 3);
    work.release();
    await caller.hears('session destroyed');
    await caller.closed;
    expect(caller.statuses).toEqual(['200', '200']);
  });
});

describe('requests that do not wait for answers', () => {
  it('are answered in order', async () => {
    const { call } = await listening();
    const caller = call().say(GET_READY + GET_READY.replace('/ready', '/nowhere') + GET_READY);
    await caller.closed;
    expect(caller.statuses).toEqual(['200', '404', '200']);
  });

  it('are each answered with their own page of the menu, while earlier ones are on their way', async () => {
    const ids = Array.from({ length: PATIENT.maxUnanswered }, (_, number) => `vastai-${number}`);
    const index = new OfferIndex(ids.map((id) => offer({ id })));
    const edition = { oldestAt: NOW };
    const menu = {
      query: (query: MenuQuery) => ({ ...index.query(query), ageMs: 0, staleProviders: [] }),
      get: () => undefined,
      health: () => ({ status: 'ok', providers: [] }) as const,
      edition: () => edition,
    };
    const { call } = await listening({ connections: PATIENT, menu });
    const pageAt = (offset: number) =>
      GET_READY.replace('/ready', `/offers?limit=1&offset=${offset}`);
    const caller = call().say(ids.map((_, offset) => pageAt(offset)).join(''));
    const shown = () => [...caller.heard.matchAll(/"id":"(vastai-\d)"/g)].map(([, id]) => id);
    while (shown().length < ids.length) await once(caller.socket, 'data');
    expect(shown()).toEqual(ids);
  });

  it('are refused beyond a number, and the work of the others goes on', async () => {
    const work = heldWork();
    const sessionAnswers = { destroy: work.destroy };
    const { call } = await listening({ connections: PATIENT, sessionAnswers });
    const caller = call().say(DESTROY.repeat(2_000));
    const other = call().say(GET_READY);
    await other.hears('"ready"');
    expect(work.begun()).toBe(SHORT.maxUnanswered);
    work.release();
    await caller.closed;
    expect(caller.statuses).toEqual([...Array(SHORT.maxUnanswered).fill('200'), '429']);
    expect(work.begun()).toBe(SHORT.maxUnanswered);
  });
});

describe('connections beyond the number', () => {
  it('push out the one that has been idle for longest', async () => {
    const { call } = await listening({ connections: PATIENT });
    const idle: Caller[] = [];
    for (let count = 0; count < PATIENT.maxConnections; count += 1) {
      const caller = call().say(GET_READY);
      await caller.hears('"ready"');
      idle.push(caller);
    }
    idle[0]?.say(GET_READY.replace('/ready', '/health'));
    await idle[0]?.hears('"lifecycle"');
    await call().say(GET_READY).hears('"ready"');
    await idle[1]?.closed;
    expect(idle.map(({ socket }) => socket.destroyed)).toEqual([false, true, false]);
  });

  it('push out those that never said a word', async () => {
    const { call } = await listening({ connections: PATIENT });
    const silent = Array.from({ length: 30 }, call);
    await Promise.all(silent.slice(0, -PATIENT.maxConnections).map(({ closed }) => closed));
    await call().say(GET_READY).hears('"ready"');
  });

  it('push out none that waits for its answer', async () => {
    const work = heldWork();
    const sessionAnswers = { destroy: work.destroy };
    const { call } = await listening({ connections: PATIENT, sessionAnswers });
    const busy = Array.from({ length: PATIENT.maxConnections }, () => call().say(DESTROY));
    while (work.begun() < busy.length) await pause(5);
    const late = call().say(GET_READY);
    await late.closed;
    expect(late.heard).toBe('');
    work.release();
    await Promise.all(busy.map((caller) => caller.hears('session destroyed')));
  });
});

it('keeps connections for longer than the minute for which proxies do', () => {
  const { headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs } = CONNECTION_LIMITS;
  expect(headersTimeoutMs).toBeLessThan(requestTimeoutMs);
  expect(keepAliveTimeoutMs).toBeGreaterThan(60_000);
});
