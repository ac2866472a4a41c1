import { createServer as createHttpServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProbeTarget } from '../../src/ports/workload-probe.ts';
import { createWorkloadProbe } from '../../src/probe/workload-probe.ts';
import { systemClock } from '../../src/system/clock.ts';
import { manualClock } from '../support/manual-clock.ts';

const probe = createWorkloadProbe({ clock: systemClock });
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function listening(server: Server): Promise<number> {
  cleanUps.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function http(listener: RequestListener): Promise<number> {
  const server = createHttpServer(listener);
  cleanUps.push(() => server.closeAllConnections());
  return listening(server);
}

function tcp(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  return listening(
    createTcpServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      onConnection(socket);
    }),
  );
}

function at(port: number, more: Partial<ProbeTarget> = {}): ProbeTarget {
  return { host: '127.0.0.1', port, path: '/health', accepts: 'ok', ...more };
}

describe('a server whose model has to be there', () => {
  test.each([
    [200, 'serving'],
    [204, 'serving'],
    [301, 'not_yet'],
    [404, 'not_yet'],
    [500, 'not_yet'],
    [503, 'not_yet'],
  ])('that answers %i is %s', async (status, kind) => {
    const port = await http((_, response) => response.writeHead(status).end('{}'));
    expect(await probe.probe(at(port))).toEqual({ kind, status });
  });
});

describe('any other program', () => {
  test.each([
    [200, 'serving'],
    [302, 'serving'],
    [401, 'serving'],
    [404, 'serving'],
    [500, 'not_yet'],
    [503, 'not_yet'],
  ])('that answers %i is %s', async (status, kind) => {
    const port = await http((_, response) => response.writeHead(status).end());
    expect(await probe.probe(at(port, { path: '/', accepts: 'any' }))).toEqual({ kind, status });
  });
});

test('it asks for the path with GET and nothing else', async () => {
  const seen: unknown[] = [];
  const port = await http(({ method, url, headers }, response) => {
    seen.push([method, url, headers['authorization'], headers['cookie']]);
    response.end();
  });
  await probe.probe(at(port));
  expect(seen).toEqual([['GET', '/health', undefined, undefined]]);
});

test('it follows no redirect', async () => {
  let isFollowed = false;
  const other = await http((_, response) => {
    isFollowed = true;
    response.end();
  });
  const port = await http((_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${other}/` }).end(),
  );
  expect(await probe.probe(at(port, { accepts: 'any' }))).toEqual({ kind: 'serving', status: 302 });
  expect(isFollowed).toBe(false);
});

test('it does not wait for a body that never ends, and hangs up on it', async () => {
  let hangUp: () => void = () => {};
  const hungUp = new Promise<void>((resolve) => {
    hangUp = resolve;
  });
  const port = await http((_, response) => {
    response.on('close', () => hangUp());
    response.writeHead(200);
    const pour = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', pour);
    pour();
  });
  expect(await probe.probe(at(port))).toEqual({ kind: 'serving', status: 200 });
  await hungUp;
});

test('where nothing listens it is unreachable', async () => {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await probe.probe(at(port))).toEqual({ kind: 'silent', reason: 'unreachable' });
});

test('what hangs up without a word is unreachable', async () => {
  const port = await tcp((socket) => socket.destroy());
  expect(await probe.probe(at(port))).toEqual({ kind: 'silent', reason: 'unreachable' });
});

test('what speaks something else is not HTTP', async () => {
  const port = await tcp((socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'));
  expect(await probe.probe(at(port))).toEqual({ kind: 'silent', reason: 'not_http' });
});

test('a header that never ends is not HTTP', async () => {
  const port = await tcp((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    for (let lines = 0; lines < 5_000; lines += 1)
      socket.write(`x-${lines}: ${'y'.repeat(64)}\r\n`);
  });
  expect(await probe.probe(at(port))).toEqual({ kind: 'silent', reason: 'not_http' });
});

test('what takes the connection and says nothing has timed out at the deadline', async () => {
  const clock = manualClock();
  let connect: () => void = () => {};
  const connected = new Promise<void>((resolve) => {
    connect = resolve;
  });
  const port = await tcp(() => connect());
  const answer = createWorkloadProbe({ clock }).probe(at(port));
  await connected;
  await clock.advance(5_000);
  expect(await answer).toEqual({ kind: 'silent', reason: 'timed_out' });
});

test('an answer leaves no deadline behind', async () => {
  const clock = manualClock();
  const port = await http((_, response) => response.end());
  await createWorkloadProbe({ clock }).probe(at(port));
  expect(clock.pending).toBe(0);
});

test.each([
  ['a port that is none', { port: 70_000 }],
  ['a path with a line break in it', { path: '/a\r\nHost: elsewhere' }],
])('%s is unreachable and throws nothing', async (_, wrong) => {
  expect(await probe.probe(at(80, wrong))).toEqual({ kind: 'silent', reason: 'unreachable' });
});
