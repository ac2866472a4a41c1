import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Fields } from '../answer-at-once.ts';
import type { AppServer } from '../app-server.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

const SECURITY_FIELDS: Fields = Object.entries(SECURITY_HEADERS).flat();

/**
 * What stands on every answer, whatever it says: the request's id, how much of the rate limit is left, and the security
 * headers. It is added at the end, so that what a route has said for itself stays.
 */
export function frameAnswers(app: AppServer): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    addMissing(reply, requestFields(request));
    addMissing(reply, SECURITY_FIELDS);
    done(null, payload);
  });
}

/** The part of the frame that is another one for each request. */
export function requestFields({ id, rateFields }: FastifyRequest): Fields {
  return rateFields === undefined ? ['x-request-id', id] : ['x-request-id', id, ...rateFields];
}

function addMissing(reply: FastifyReply, fields: Fields): void {
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] ?? '';
    if (!reply.hasHeader(name)) reply.header(name, fields[at + 1]);
  }
}
