import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTION_LIMITS } from '../../src/http/connection-limits.ts';
import { ask, rent, sessionOf } from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

/** How many more than may stay. */
const TOO_MANY = 200;

let stage: Stage;
let broker: StagedBroker;
const sockets: Socket[] = [];
beforeAll(async () => {
  stage = await openStage(SOON);
  broker = await stage.startBroker({ deploymentId: 'slow1', tensordock: 'v2', crashAt: '' });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await stage.close();
});

describe('a broker that is besieged by connections which never end a request', () => {
  it('keeps a bounded number of them, serves others, and is rid of all in the end', async () => {
    const besiegers = await Promise.all(
      Array.from({ length: CONNECTION_LIMITS.maxConnections + TOO_MANY }, besiege),
    );
    await Promise.all(besiegers.slice(0, TOO_MANY).map(({ closed }) => closed));
    const id = await rent(broker, 'vastai');
    expect(await sessionOf(broker, id)).toMatchObject({ status: 'running' });
    const answers = await Promise.all(besiegers.map(({ closed }) => closed));
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 408 '))).not.toEqual([]);
    expect((await ask(broker, `DELETE /sessions/${id}`)).status).toBe(200);
  });
});

/** Half a request, and then nothing more. Closed with whatever was answered until then. */
async function besiege(): Promise<{ readonly closed: Promise<string> }> {
  const { hostname, port } = new URL(broker.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes.toString();
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(heard)));
  await Promise.race([once(socket, 'connect'), closed]);
  socket.write('GET /offers HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  return { closed };
}
