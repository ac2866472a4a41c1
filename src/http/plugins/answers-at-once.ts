import { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerAtOnce, Fields } from '../answer-at-once.ts';
import type { AppServer } from '../app-server.ts';
import type { ConnectionLimits } from '../connection-limits.ts';
import { JSON_TYPE } from '../send-json.ts';
import { requestFields } from './answer-frame.ts';
import { isMatch, TAGGED_CACHING } from './etags.ts';
import { isWithoutBody } from './json-bodies.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/**
 * Sends the answers that a route has ready, as its `atOnce` says, before anything is read or validated: with the frame of
 * every other answer, and past all that a framework does for answers that have still to be made. It stands behind
 * whatever may refuse a caller. For every other request, for `HEAD`, and for these when they have a body, there is the
 * usual way, whose answers are the same; the tests hold the two against each other.
 */
export function answerAtOnce(app: AppServer, limits: ConnectionLimits): void {
  app.addHook('onRequest', (request, reply, done) => {
    const isPlain = request.method === 'GET' && isWithoutBody(request.headers);
    const answer = isPlain ? request.routeOptions.config.atOnce?.(request, reply) : undefined;
    if (answer === undefined) return done();
    reply.hijack();
    send(request, reply, answer);
    const { socket } = request.raw;
    // One that stands behind another answer is still to be sent.
    const isItsTurn = reply.raw.socket !== null;
    if (!isItsTurn || !(socket instanceof Socket)) return;
    // What the system has not taken at once the caller must take in time.
    if (socket.writableLength === 0) answer.giveBack?.();
    else socket.setTimeout(limits.answerTimeoutMs);
  });
}

function send(request: FastifyRequest, { raw }: FastifyReply, answer: AnswerAtOnce): void {
  const { status, body, etag, age } = answer;
  const fields = [...requestFields(request), ...(etag === undefined ? UNTAGGED : TAGGED)];
  if (age !== undefined) fields.push('age', age);
  if (etag !== undefined) fields.push('etag', etag);
  if (etag !== undefined && isMatch(request.headers['if-none-match'], etag)) {
    raw.writeHead(304, fields).end();
    return;
  }
  fields.push('content-type', JSON_TYPE, 'content-length', String(body.length));
  raw.writeHead(status, fields).end(body);
}

const { 'cache-control': untaggedCaching = '', ...ALWAYS } = SECURITY_HEADERS;
const UNTAGGED: Fields = ['cache-control', untaggedCaching, ...Object.entries(ALWAYS).flat()];
const TAGGED: Fields = ['cache-control', TAGGED_CACHING, ...Object.entries(ALWAYS).flat()];
