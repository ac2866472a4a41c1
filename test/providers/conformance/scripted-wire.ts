import assert from 'node:assert/strict';
import {
  WireError,
  type WireFetch,
  type WireRequest,
  type WireResponse,
} from '../../../src/providers/wire-fetch.ts';
import type { Exchange } from './recorded-case.ts';

/** What the other side does with a request. */
export type Played =
  | { readonly kind: 'answers'; readonly response: WireResponse }
  | { readonly kind: 'breaks'; readonly mayHaveArrived: boolean }
  | { readonly kind: 'says nothing' };

export interface ScriptedWire {
  readonly fetch: WireFetch;
  /** Everything that was sent, in order. */
  readonly requests: readonly WireRequest[];
  /** Fails the test when something was sent that nobody wrote an answer for, or an answer was not asked for. */
  assertUsedUp(): void;
}

/** Does the same with every request. */
export function wireThatAlways(played: Played): ScriptedWire {
  const requests: WireRequest[] = [];
  return {
    requests,
    fetch: (request) => {
      requests.push(request);
      return play(played);
    },
    assertUsedUp: () => undefined,
  };
}

/** Answers as it was recorded; the same request again gets the next of its answers. */
export function recordedWire(exchanges: readonly Exchange[]): ScriptedWire {
  const requests: WireRequest[] = [];
  const left = [...exchanges];
  const strange: string[] = [];
  return {
    requests,
    fetch: (request) => {
      requests.push(request);
      const line = requestLine(request);
      const exchange = left.find((one) => one.request === line);
      if (exchange) {
        if (exchange.times !== 'any') left.splice(left.indexOf(exchange), 1);
        return Promise.resolve(responseOf(exchange));
      }
      strange.push(line);
      return play({ kind: 'breaks', mayHaveArrived: false });
    },
    assertUsedUp() {
      assert.deepEqual(strange, [], 'requests that nobody wrote an answer for');
      assert.deepEqual(
        left.filter(({ times }) => times !== 'any').map(({ request }) => request),
        [],
        'answers that were not asked for',
      );
    },
  };
}

export function requestLine({ method, url }: WireRequest): string {
  return `${method} ${new URL(url).pathname}`;
}

export function responseOf({ status, headers, body, text }: Exchange): WireResponse {
  const json = body === undefined ? '' : JSON.stringify(body);
  return { status, headers: headers ?? {}, body: text ?? json };
}

export function play(played: Played): Promise<WireResponse> {
  switch (played.kind) {
    case 'answers':
      return Promise.resolve(played.response);
    case 'breaks':
      return Promise.reject(
        new WireError('the wire broke', { mayHaveArrived: played.mayHaveArrived }),
      );
    case 'says nothing':
      return new Promise(() => undefined);
  }
}
