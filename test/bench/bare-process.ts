import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { FixedAnswer } from './messages.ts';
import { serveChannel } from './process-channel.ts';

/** The yardstick: Node's own server, which sends one ready buffer whatever it is asked. */
const Message = Type.Union([
  FixedAnswer,
  Type.Object({ kind: Type.Literal('listen') }),
  Type.Object({ kind: Type.Literal('cpu') }),
]);

let body = Buffer.from('{}');
let status = 200;
let headers: Record<string, string | number> = {};

const server = createServer((_request, response) => {
  response.writeHead(status, headers);
  response.end(body);
});

async function answer(message: Static<typeof Message>): Promise<object> {
  switch (message.kind) {
    case 'listen':
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      return { port: portOf(server.address()) };
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return { cpuMicros: user + system };
    }
    case 'answer':
      status = message.status;
      body = Buffer.from(message.body, 'base64');
      headers =
        status === 304
          ? {}
          : { 'content-type': message.contentType, 'content-length': body.length };
      return { done: true };
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

serveChannel((message) => answer(Value.Parse(Message, message)));
