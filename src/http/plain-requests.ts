import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';

/**
 * Answers requests that have nothing to validate, which are those for a route without parameters that give none, before
 * anything is read or checked: for a small answer that is a good part of the work. `send` says nothing where the usual way
 * is to be taken.
 */
export function answerPlain(
  send: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined,
): onRequestHookHandler {
  return (request, reply, done) => {
    const isPlain = !request.url.includes('?');
    if (!isPlain || send(request, reply) === undefined) done();
  };
}
