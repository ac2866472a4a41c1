import type { TraceContext } from '../domain/trace-context.ts';

/** The request that something is done for. It is handed on as a value, and told of on every line. */
export interface Origin {
  readonly requestId: string;
  /** The trace that the request is part of; absent where its caller sent none and nobody collects spans. */
  readonly trace?: TraceContext;
}
