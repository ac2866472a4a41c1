import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { BrokerError, ERROR_STATUS, type ErrorCode } from '../../domain/errors.ts';
import type { AppServer } from '../app-server.ts';
import { validationError } from '../validation/problem.ts';
import { schemaProblems } from '../validation/schema-problems.ts';

export interface ErrorBody {
  readonly error: string;
  readonly error_type: ErrorCode;
  readonly request_id: string;
  readonly [detail: string]: unknown;
}

/** What the framework refuses by itself, in our words. */
const FRAMEWORK_REFUSALS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'the body is larger than 1 MiB'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'send the body as application/json'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'validation_error',
    'the body differs from its Content-Length',
  ],
  FST_ERR_BAD_URL: ['validation_error', 'the path is not valid percent-encoding'],
  FST_ERR_MAX_PARAM_LENGTH: ['not_found', 'there is no such path'],
};

/** Seconds after which a caller may ask again where the broker is not ready; a startup sweep mostly takes less. */
const RETRY_AFTER_S = '5';

/** The one place where a failed request becomes an answer. */
export function answerErrors(app: AppServer): void {
  app.setErrorHandler(answerError);
}

export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const refusal = refusalOf(error);
  if (!refusal && !hasHungUp(request)) request.log.error({ err: error }, 'request failed');
  const told = refusal ?? new BrokerError('internal', 'something went wrong on our side');
  if (told.code === 'not_ready') reply.header('retry-after', RETRY_AFTER_S);
  return reply.code(ERROR_STATUS[told.code]).send(errorBody(told, request.id));
}

export function errorBody(refusal: BrokerError, requestId: string): ErrorBody {
  return {
    ...refusal.details,
    error: refusal.message,
    error_type: refusal.code,
    request_id: requestId,
  };
}

/** A caller that went away in the middle of its body is no fault of ours, and nobody reads the answer. */
function hasHungUp({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}

/** Undefined for a fault of ours: its text stays inside. */
function refusalOf(error: unknown): BrokerError | undefined {
  if (error instanceof BrokerError) return error;
  if (!isFrameworkError(error)) return undefined;
  if (error.validation) {
    return validationError(schemaProblems(error.validation, error.validationContext ?? 'request'));
  }
  const known = FRAMEWORK_REFUSALS[error.code];
  if (known) return new BrokerError(...known);
  return pluginRefusal(error);
}

/** What a plugin refuses it marks as fit to be told, as `http-errors` and its kin do: a file outside its folder, say. */
function pluginRefusal(error: FastifyError): BrokerError | undefined {
  const { statusCode = 500 } = error;
  if (!('expose' in error) || error.expose !== true || statusCode >= 500) return undefined;
  return [403, 404].includes(statusCode)
    ? new BrokerError('not_found', 'there is no such path')
    : new BrokerError('validation_error', 'the request is not valid');
}

function isFrameworkError(error: unknown): error is FastifyError {
  return (
    error instanceof Error && ('validation' in error || 'statusCode' in error || 'code' in error)
  );
}
