import { ProviderFailure } from '../domain/errors.ts';
import type { ProviderApi, ProviderName } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProviderOperation, Recorder } from '../ports/recorder.ts';
import { credentialMask } from './credential-mask.ts';
import { type Priority, RateGate, type RateLimit } from './rate-gate.ts';
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
  /** Every one of these, and each longer piece of one, is cut out of whatever is recorded or thrown. */
  readonly secrets: readonly string[];
}

export interface Call {
  readonly operation: ProviderOperation;
  readonly method: WireRequest['method'];
  /** With a leading slash, without query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadlineMs: number;
  readonly priority: Priority;
  readonly gates: readonly string[];
  /** True when the call changes something: then a lost answer is `unknown`. */
  readonly hasEffect: boolean;
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

/**
 * Sends calls under a deadline and through the rate gates, and records each one. Throws `ProviderFailure` for what
 * the network did; what the provider answered, whatever the status, is returned for the adapter to judge through
 * {@link HttpTransport.exchange}'s `judge`, so that a call is recorded with its meaning.
 */
export class HttpTransport {
  readonly #parts: TransportParts;
  readonly #options: TransportOptions;
  readonly #gates: ReadonlyMap<string, RateGate>;
  readonly #mask: (text: string) => string;

  constructor(parts: TransportParts, options: TransportOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#gates = new Map(
      Object.entries(options.gates).map(([name, limit]) => [
        name,
        new RateGate(parts.clock, limit),
      ]),
    );
    this.#mask = credentialMask(options.secrets);
  }

  /** `judge` turns the reply into a value or throws `ProviderFailure`; either way the call is recorded once. */
  async exchange<Value>(call: Call, judge: (reply: Reply) => Value): Promise<Value> {
    await this.#passGates(call);
    const { clock, recorder } = this.#parts;
    const startedMs = clock.monotonicMs();
    const about = {
      kind: 'provider_call' as const,
      provider: this.#options.provider,
      api: this.#options.api,
      operation: call.operation,
    };
    try {
      const value = judge(toReply(await this.#send(call)));
      recorder.note({ ...about, durationMs: clock.monotonicMs() - startedMs });
      return value;
    } catch (error) {
      const failure = this.#asFailure(error, call);
      const durationMs = clock.monotonicMs() - startedMs;
      recorder.note({ ...about, durationMs, failure: failure.kind, detail: failure.detail });
      if (failure.kind === 'rate_limited') this.#holdGates(call, failure.retryAfterMs ?? 0);
      throw failure;
    }
  }

  /** Cuts every secret out of a text and caps its length; whatever is shown of an answer goes through here. */
  redact(text: string): string {
    const safe = this.#mask(text.slice(0, MAX_READ_LENGTH));
    return safe.length > MAX_SHOWN_LENGTH ? `${safe.slice(0, MAX_SHOWN_LENGTH)}…` : safe;
  }

  async #passGates(call: Call): Promise<void> {
    for (const name of call.gates) {
      const gate = this.#gates.get(name);
      if (!gate) throw new Error(`no rate gate named ${name}`);
      if (gate.isFull && call.priority !== 'terminate') {
        throw new ProviderFailure({
          kind: 'rate_limited',
          outcome: 'not_done',
          detail: 'too many calls are waiting for this provider',
        });
      }
      await gate.pass(call.priority);
    }
  }

  #holdGates(call: Call, durationMs: number): void {
    for (const name of call.gates) this.#gates.get(name)?.hold(durationMs);
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
