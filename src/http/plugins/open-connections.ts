import { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import type { AppServer } from '../app-server.ts';
import type { ConnectionLimits } from '../connection-limits.ts';

/**
 * Bounds what callers can hold of the server by being slow or many. Node itself looks after requests that arrive too
 * slowly; this looks after answers that nobody takes, requests that are sent without waiting for answers, and the number
 * of connections.
 */
export function boundConnections(app: AppServer, limits: ConnectionLimits): void {
  const idle = boundedNumber(app, limits.maxConnections);
  const unanswered = new WeakMap<Socket, number>();
  app.addHook('onRequest', ({ raw: { socket } }, reply, done) => {
    // A request that is injected has no connection.
    if (!(socket instanceof Socket)) return done();
    const waiting = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, waiting);
    idle.delete(socket);
    reply.raw.once('close', () => {
      const left = (unanswered.get(socket) ?? 1) - 1;
      unanswered.set(socket, left);
      if (left === 0 && !socket.destroyed) idle.add(socket);
      // A request that follows may take its time to be answered; one whose answer was ready before is being answered now.
      if (left > 0) socket.setTimeout(socket.writableLength > 0 ? limits.answerTimeoutMs : 0);
    });
    if (waiting > limits.maxUnanswered) refusePipeline(reply);
    done();
  });
  // From when an answer is handed over, at once or piece by piece; each part of it that the caller takes starts the time anew.
  // One that stands behind another answer cannot be taken yet.
  app.addHook('onSend', ({ raw: { socket } }, reply, payload, done) => {
    const isItsTurn = reply.raw.socket !== null;
    if (isItsTurn && socket instanceof Socket) socket.setTimeout(limits.answerTimeoutMs);
    done(null, payload);
  });
}

/** Those connections that wait for a next request, the longest idle first. */
function boundedNumber(app: AppServer, maxConnections: number): Set<Socket> {
  const open = new Set<Socket>();
  const idle = new Set<Socket>();
  app.server.on('connection', (socket) => {
    open.add(socket);
    idle.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      idle.delete(socket);
    });
    // Where none is idle, the new one has to go: it is the last of these.
    const [longestIdle = socket] = idle;
    if (open.size > maxConnections) longestIdle.destroy();
  });
  return idle;
}

function refusePipeline(reply: FastifyReply): void {
  reply.headers({ connection: 'close', 'retry-after': '1' });
  throw new BrokerError(
    'rate_limited',
    'too many requests on this connection wait for their answers',
  );
}
