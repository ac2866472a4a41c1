import { connect, createServer, type Server } from 'node:net';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { listenSsh } from '../ssh/ssh-host.ts';
import { serveChannel } from './process-channel.ts';

/**
 * Real SSH servers' work, away from the broker: takes every key and does every command. A late host refuses logins for some
 * time after the first try, as a machine that boots does, and says when it began to answer.
 */
const Message = Type.Union([
  Type.Object({ kind: Type.Literal('listen') }),
  Type.Object({ kind: Type.Literal('listen_late'), delaysMs: Type.Array(Type.Number()) }),
  Type.Object({ kind: Type.Literal('openings') }),
]);

const openedAt = new Map<number, number>();

async function answer(message: Static<typeof Message>): Promise<object> {
  switch (message.kind) {
    case 'listen':
      return { port: await listen() };
    case 'listen_late': {
      const port = await listen();
      const late = message.delaysMs.map((delayMs) => listenLate(port, delayMs));
      return { ports: await Promise.all(late) };
    }
    case 'openings':
      return { openings: [...openedAt].map(([port, at]) => ({ port, at })) };
  }
}

async function listen(): Promise<number> {
  const { port } = await listenSsh({
    acceptsKey: () => true,
    onExec: (channel) => {
      channel.exit(0);
      channel.end();
    },
  });
  return port;
}

async function listenLate(behind: number, delayMs: number): Promise<number> {
  const server = createServer((caller) => {
    const port = portOf(server);
    caller.on('error', () => {});
    if (!openedAt.has(port)) openedAt.set(port, Date.now() + delayMs);
    if (Date.now() < (openedAt.get(port) ?? 0)) {
      caller.destroy();
      return;
    }
    const host = connect(behind, '127.0.0.1');
    host.on('error', () => caller.destroy());
    caller.pipe(host).pipe(caller);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

serveChannel((message) => answer(Value.Parse(Message, message)));
