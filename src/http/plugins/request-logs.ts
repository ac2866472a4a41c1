import type { FastifyBaseLogger, RawRequestDefaultExpression } from 'fastify';
import { traceOf } from '../request-traces.ts';

type Bindings = Parameters<FastifyBaseLogger['child']>[0];
type Options = Parameters<FastifyBaseLogger['child']>[1];

type RawRequest = RawRequestDefaultExpression;

/** The log of one request, with its id, and that of the trace that it is part of, on every line. */
export function requestLog(
  parent: FastifyBaseLogger,
  bindings: Bindings,
  options: Options,
  raw: RawRequest,
): FastifyBaseLogger {
  return new RequestLog({ parent, raw }, bindings, options);
}

/** Most requests write nothing at the usual level, and making a log that masks secrets takes longer than a small answer. */
class RequestLog implements FastifyBaseLogger {
  readonly level: string;
  readonly #parent: FastifyBaseLogger;
  readonly #raw: RawRequest;
  readonly #bindings: Bindings;
  readonly #options: Options;
  #made: FastifyBaseLogger | undefined;

  constructor(
    { parent, raw }: { readonly parent: FastifyBaseLogger; readonly raw: RawRequest },
    bindings: Bindings,
    options: Options,
  ) {
    this.level = parent.level;
    this.#parent = parent;
    this.#raw = raw;
    this.#bindings = bindings;
    this.#options = options;
  }

  get #log(): FastifyBaseLogger {
    this.#made ??= this.#parent.child(this.#allBindings(), this.#options);
    return this.#made;
  }

  #allBindings(): Bindings {
    const trace = traceOf(this.#raw);
    return trace ? { ...this.#bindings, trace_id: trace.traceId } : this.#bindings;
  }

  child(bindings: Bindings, options?: Options): FastifyBaseLogger {
    return this.#log.child(bindings, options);
  }

  fatal(...line: readonly unknown[]): void {
    Reflect.apply(this.#log.fatal, this.#log, line);
  }

  error(...line: readonly unknown[]): void {
    Reflect.apply(this.#log.error, this.#log, line);
  }

  warn(...line: readonly unknown[]): void {
    Reflect.apply(this.#log.warn, this.#log, line);
  }

  info(...line: readonly unknown[]): void {
    Reflect.apply(this.#log.info, this.#log, line);
  }

  debug(...line: readonly unknown[]): void {
    Reflect.apply(this.#log.debug, this.#log, line);
  }

  trace(...line: readonly unknown[]): void {
    Reflect.apply(this.#log.trace, this.#log, line);
  }

  silent(...line: readonly unknown[]): void {
    Reflect.apply(this.#log.silent, this.#log, line);
  }
}
