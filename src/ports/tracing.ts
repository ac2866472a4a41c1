import type { TraceContext } from '../domain/trace-context.ts';
import type { Recorder } from './recorder.ts';

/** Makes spans of the same facts that lines and metrics are made of. Absent where nobody collects them: then none of it is loaded. */
export interface Tracing extends Recorder {
  /** Of a request that has just come, as a part of the trace that its caller named, if it did. */
  beginRequest(method: string, caller: TraceContext | undefined): RequestSpan;
  /** Sends what is left, for a short time at most, and never fails. */
  close(): Promise<void>;
}

export interface RequestSpan {
  readonly context: TraceContext;
  end(served: TracedRequest): void;
}

/** An answered request; `route` is the pattern, never the path. */
export interface TracedRequest {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
}
