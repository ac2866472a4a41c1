import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { TSchema } from '@sinclair/typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Fields, FindAtOnce } from './answer-at-once.ts';

/** A Fastify instance whose handlers are typed by their route's TypeBox schemas. */
export type AppServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Served without a token even when tokens exist. */
    readonly isPublic?: true;
    /** Answered however often it is asked for: what watches over the broker must not be kept out. */
    readonly isUnlimited?: true;
    /** Rents or ends, and is therefore refused before the startup sweep is through. */
    readonly changesRentals?: true;
    /** Carries an `ETag` and honours `If-None-Match`. */
    readonly hasEtag?: true;
    /** Finds the answer without reading or validating anything, where it is ready. */
    readonly atOnce?: FindAtOnce;
    /** Header fields of the request that the route reads itself, for the OpenAPI document. */
    readonly requestHeaders?: Readonly<Record<string, TSchema>>;
  }

  interface FastifyRequest {
    /** Name of the token that the caller showed; undefined when no tokens exist or none was needed. */
    callerName: string | undefined;
    /** How the caller stands with the rate limit; undefined where that does not count. */
    rateFields: Fields | undefined;
  }

  interface FastifyReply {
    /** The answer's `ETag`, where the route knows it; undefined where it is to be made of the answer itself. */
    etag: string | undefined;
  }
}
