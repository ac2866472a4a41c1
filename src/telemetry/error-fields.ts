import { withoutSecrets } from './secret-text.ts';

/** Causes of causes that are shown; more would be a circle. */
const MAX_CAUSES = 5;

export interface ErrorFields {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  /** Of our own errors and of Node's. */
  readonly kind?: unknown;
  readonly outcome?: unknown;
  readonly code?: unknown;
  readonly cause?: ErrorFields;
}

/**
 * What a log line says of an error. Only fields that are named here: others hang requests, with their headers,
 * on their errors.
 */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error))
    return { type: typeof error, message: withoutSecrets(String(error)) };
  const hasCause = error.cause !== undefined && depth < MAX_CAUSES;
  return {
    type: error.name,
    message: withoutSecrets(error.message),
    ...(error.stack !== undefined && { stack: withoutSecrets(error.stack) }),
    ...('kind' in error && { kind: error.kind }),
    ...('outcome' in error && { outcome: error.outcome }),
    ...('code' in error && { code: error.code }),
    ...(hasCause && { cause: errorFields(error.cause, depth + 1) }),
  };
}
