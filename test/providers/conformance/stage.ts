import assert from 'node:assert/strict';
import { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import type { WireFetch } from '../../../src/providers/wire-fetch.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { type RecordingRecorder, recordingRecorder } from '../../support/recording-recorder.ts';
import { demand } from './demand.ts';
import type { ConformanceSubject } from './subject.ts';

/** An adapter on a wire and a clock of the test's. */
export interface Stage {
  readonly provider: Provider;
  readonly clock: ManualClock;
  readonly recorder: RecordingRecorder;
  /** The call's end, while time passes as fast as nothing else happens. A call that has none in {@link PATIENCE_MS} fails the test. */
  settled<Value>(call: Promise<Value>): Promise<Settled<Value>>;
  /** The call's result; a failure fails the test. */
  done<Value>(call: Promise<Value>): Promise<Value>;
  /** The `ProviderFailure` that the call ends in; a result, or an error of any other sort, fails the test. */
  failed(call: Promise<unknown>): Promise<ProviderFailure>;
}

export type Settled<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: unknown };

/** No single call of the port may take longer, rate limits and all its requests' deadlines included. */
const PATIENCE_MS = 15 * 60_000;
const STEP_MS = 1_000;

export function stageFor(
  subject: ConformanceSubject,
  fetch: WireFetch,
  clock: ManualClock = manualClock(),
): Stage {
  const recorder = recordingRecorder();
  const provider = subject.build({ fetch, clock, recorder });

  async function settled<Value>(call: Promise<Value>): Promise<Settled<Value>> {
    let end: Settled<Value> | undefined;
    const watched = call.then(
      (value) => {
        end = { kind: 'done', value };
      },
      (error: unknown) => {
        end = { kind: 'failed', error };
      },
    );
    for (let spent = 0; end === undefined; spent += STEP_MS) {
      demand(spent < PATIENCE_MS, 'the call has no end');
      await clock.advance(STEP_MS);
    }
    await watched;
    return end;
  }

  return {
    provider,
    clock,
    recorder,
    settled,
    async done(call) {
      const end = await settled(call);
      if (end.kind === 'done') return end.value;
      throw end.error;
    },
    async failed(call) {
      const end = await settled(call);
      if (end.kind === 'done') assert.fail(`it succeeded with ${JSON.stringify(end.value)}`);
      demand(end.error instanceof ProviderFailure, `no ProviderFailure: ${String(end.error)}`);
      return end.error;
    },
  };
}
