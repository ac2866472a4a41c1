import { ProviderFailure } from '../domain/errors.ts';
import { type ProviderApi, type ProviderName, parseTag } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { CallSubject } from '../ports/provider.ts';
import type { ProviderOperation, Recorder } from '../ports/recorder.ts';
import { type CallSort, CircuitBreaker } from './circuit-breaker.ts';
import { credentialMask } from './credential-mask.ts';
import type { RateLimit } from './rate-gate.ts';
import { type GatedCall, RateGates } from './rate-gates.ts';
import { LONGEST_WAIT_MS, retryAfterMs } from './retry-after.ts';
import { WireError, type WireFetch, type WireRequest, type WireResponse } from './wire-fetch.ts';

/** What every adapter is built on: the world's HTTP, its clock, and where calls are recorded. */
export interface TransportParts {
  readonly fetch: WireFetch;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

export interface TransportOptions {
  readonly provider: ProviderName;
  readonly api: ProviderApi;
  /** No trailing slash. */
  readonly baseUrl: string;
  /** By gate name: a rate, or milliseconds between two calls. A call may pass several gates. */
  readonly gates: Readonly<Record<string, RateLimit | number>>;
  /** How long an API that was called too often wants between two calls of the same kind, in milliseconds; absent where none says. */
  readonly namedIntervalMs?: (reply: Reply) => number | undefined;
  /** Every one of these, and each longer piece of one, is cut out of whatever is recorded or thrown. */
  readonly secrets: readonly string[];
}

export interface Call extends GatedCall {
  readonly operation: ProviderOperation;
  readonly method: WireRequest['method'];
  /** With a leading slash, without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadlineMs: number;
  /** True when the call changes something: then a lost answer is `unknown`. */
  readonly hasEffect: boolean;
  /** For the record alone. */
  readonly about?: CallSubject;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined when the text is not JSON. */
  readonly json: unknown;
}

/** An error may be a page of megabytes; what would be shown of it stands at its beginning. */
const MAX_READ_LENGTH = 4_000;
const MAX_SHOWN_LENGTH = 300;

/** What came of one call that was made. */
interface Failed {
  readonly kind: 'failed';
  readonly failure: ProviderFailure;
  /** Undefined when none came. */
  readonly reply?: Reply;
}

type Outcome<Value> = { readonly kind: 'taken'; readonly value: Value } | Failed;

/**
 * Sends calls under a deadline, through the rate gates, and past a circuit breaker, and records each one. Throws
 * `ProviderFailure` for what the network did; what the provider answered, whatever the status, is returned for the adapter
 * to judge through {@link HttpTransport.exchange}'s `judge`, so that a call is recorded with its meaning.
 */
export class HttpTransport {
  readonly #parts: TransportParts;
  readonly #options: TransportOptions;
  readonly #about: { readonly provider: ProviderName; readonly api: ProviderApi };
  readonly #gates: RateGates;
  readonly #breaker: CircuitBreaker;
  readonly #mask: (text: string) => string;

  constructor(parts: TransportParts, options: TransportOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#about = { provider: options.provider, api: options.api };
    this.#gates = new RateGates(parts.clock, options.gates);
    this.#breaker = new CircuitBreaker(parts.clock, (state) =>
      parts.recorder.note({ kind: 'circuit_changed', ...this.#about, state }),
    );
    this.#mask = credentialMask(options.secrets);
  }

  /** `judge` turns the reply into a value or throws `ProviderFailure`; either way the call is recorded once. */
  async exchange<Value>(call: Call, judge: (reply: Reply) => Value): Promise<Value> {
    const { clock } = this.#parts;
    const sort = sortOf(call);
    const askedMs = clock.monotonicMs();
    if (this.#breaker.refuses(sort)) throw circuitIsOpen();
    if ((await this.#gates.pass(call)) === 'full') throw tooManyWait();
    // It may have been waiting for long.
    if (!this.#breaker.admits(sort)) throw circuitIsOpen();
    const sentMs = clock.monotonicMs();
    const outcome = await this.#try(call, judge);
    this.#record(call, { askedMs, sentMs, outcome });
    if (outcome.kind === 'taken') {
      this.#breaker.noteAnswer();
      this.#gates.accept(call, sentMs);
      return outcome.value;
    }
    throw this.#heed(call, { ...outcome, sentMs });
  }

  /** Cuts every secret out of a text and caps its length; whatever is shown of an answer goes through here. */
  redact(text: string): string {
    const safe = this.#mask(text.slice(0, MAX_READ_LENGTH));
    return safe.length > MAX_SHOWN_LENGTH ? `${safe.slice(0, MAX_SHOWN_LENGTH)}…` : safe;
  }

  async #try<Value>(call: Call, judge: (reply: Reply) => Value): Promise<Outcome<Value>> {
    let reply: Reply | undefined;
    try {
      reply = toReply(await this.#send(call));
      return { kind: 'taken', value: judge(reply) };
    } catch (error) {
      const failure = this.#asFailure(error, call);
      return { kind: 'failed', failure, ...(reply && { reply }) };
    }
  }

  #record(
    call: Call,
    made: { readonly askedMs: number; readonly sentMs: number; readonly outcome: Outcome<unknown> },
  ): void {
    const { clock, recorder } = this.#parts;
    const { askedMs, sentMs, outcome } = made;
    const { tag, origin } = call.about ?? {};
    const whose = tag === undefined ? undefined : parseTag(tag);
    const note = {
      kind: 'provider_call',
      ...this.#about,
      operation: call.operation,
      waitedMs: sentMs - askedMs,
      durationMs: clock.monotonicMs() - sentMs,
      ...(outcome.kind === 'failed' && {
        failure: outcome.failure.kind,
        detail: outcome.failure.detail,
      }),
      ...(whose && { sessionId: whose.sessionId, attempt: whose.attempt }),
    } as const;
    recorder.note(note, origin);
  }

  /** Lets gates and breaker learn from a failure; what is returned is to be thrown. */
  #heed(
    call: Call,
    { failure, reply, sentMs }: Omit<Failed, 'kind'> & { readonly sentMs: number },
  ): ProviderFailure {
    if (failure.kind === 'unavailable' && isOutOfOrder(reply)) this.#breaker.noteFault(sentMs);
    else this.#breaker.noteAnswer();
    if (failure.kind !== 'rate_limited' || !reply) return failure;
    const headerMs = retryAfterMs(reply.headers, this.#parts.clock.now()) ?? 0;
    const askedMs = Math.max(failure.retryAfterMs ?? 0, headerMs);
    const waitMs = Math.min(askedMs, LONGEST_WAIT_MS);
    const intervalMs = this.#options.namedIntervalMs?.(reply);
    const learnt = this.#gates.refuse(call, { sentMs, waitMs, intervalMs });
    if (learnt) this.#parts.recorder.note({ kind: 'rate_learnt', ...this.#about, ...learnt });
    return waitMs === 0 ? failure : withWait(failure, waitMs);
  }

  async #send(call: Call): Promise<WireResponse> {
    const query = call.query ? `?${new URLSearchParams(call.query).toString()}` : '';
    const abort = new AbortController();
    const cancel = this.#parts.clock.after(call.deadlineMs, () => abort.abort());
    try {
      return await Promise.race([
        this.#parts.fetch(
          {
            method: call.method,
            url: `${this.#options.baseUrl}${call.path}${query}`,
            headers: { accept: 'application/json', ...call.headers },
            ...(call.body === undefined ? {} : { body: call.body }),
          },
          abort.signal,
        ),
        whenAborted(abort.signal),
      ]);
    } finally {
      cancel();
    }
  }

  /**
   * A network error's own cause is left behind: its message may carry a URL with credentials in the query. What else
   * was thrown is a reading of the answer that went wrong, after the provider may have acted.
   */
  #asFailure(error: unknown, call: Call): ProviderFailure {
    if (error instanceof ProviderFailure) return error;
    const about = `${call.method} ${call.path}`;
    if (!(error instanceof WireError)) {
      return new ProviderFailure({
        kind: 'malformed',
        outcome: call.hasEffect ? 'unknown' : 'not_done',
        detail: this.redact(`${about}: the answer could not be read`),
        cause: error,
      });
    }
    return new ProviderFailure({
      kind: 'unavailable',
      outcome: call.hasEffect && error.mayHaveArrived ? 'unknown' : 'not_done',
      detail: this.redact(`${about}: ${error.message}`),
    });
  }
}

/** What ends machines or bills, and the list that proves it, is asked for whatever state the API is in. */
function sortOf({ priority, operation, hasEffect }: Call): CallSort {
  if (priority === 'terminate' || operation === 'stop' || operation === 'list') return 'vital';
  return hasEffect ? 'change' : 'read';
}

/** Not so an API that refuses one call in words that nobody knows: it answers, and the next call may be taken. */
function isOutOfOrder(reply: Reply | undefined): boolean {
  return reply === undefined || reply.status >= 500 || reply.status === REQUEST_TIMEOUT;
}

const REQUEST_TIMEOUT = 408;

function circuitIsOpen(): ProviderFailure {
  return new ProviderFailure({
    kind: 'unavailable',
    outcome: 'not_done',
    detail: 'not asked: the provider has not answered several calls in a row',
  });
}

function tooManyWait(): ProviderFailure {
  return new ProviderFailure({
    kind: 'rate_limited',
    outcome: 'not_done',
    detail: 'too many calls are waiting for this provider',
  });
}

function withWait(failure: ProviderFailure, waitMs: number): ProviderFailure {
  const { kind, outcome, detail, leftover, cause } = failure;
  return new ProviderFailure({
    kind,
    outcome,
    detail,
    retryAfterMs: waitMs,
    cause,
    ...(leftover !== undefined && { leftover }),
    ...(failure.isForOrderOnly && { isForOrderOnly: true }),
  });
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(new WireError('no answer before the deadline', { mayHaveArrived: true })),
      { once: true },
    );
  });
}

function toReply(response: WireResponse): Reply {
  return {
    status: response.status,
    headers: response.headers,
    text: response.body,
    json: parseJson(response.body),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
