import type { FastifyReply, FastifyRequest } from 'fastify';

/** Header fields in the form that Node writes soonest: names and values in turn. */
export type Fields = readonly string[];

/** An answer that needs nothing but to be sent. */
export interface AnswerAtOnce {
  readonly status: number;
  /** JSON; the schema was applied when it was made. */
  readonly body: Buffer;
  /** Undefined where the route has none. */
  readonly etag: string | undefined;
  /** Undefined where the answer does not tell its age; else what `Age` says. */
  readonly age: string | undefined;
  /** Defined where `body` is lent: to be called when the system has all of it, and never where that is not known. */
  readonly giveBack: (() => void) | undefined;
}

/** Undefined where the usual way is to be taken. */
export type FindAtOnce = (request: FastifyRequest, reply: FastifyReply) => AnswerAtOnce | undefined;
