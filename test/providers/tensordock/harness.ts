import nock from 'nock';
import { afterEach, beforeEach, expect } from 'vitest';
import { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import type { LaunchOrder } from '../../../src/ports/provider.ts';
import type { Reply, TransportParts } from '../../../src/providers/http-transport.ts';
import { wireFetchOver } from '../../../src/providers/wire-fetch.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { type RecordingRecorder, recordingRecorder } from '../../support/recording-recorder.ts';

export const BASE_URL = 'https://dashboard.tensordock.com';
export const TOKEN = 'tok/EN+0123456789abcdef';
export const AUTH_ID = '5d1f0c1e-0000-4000-8000-00000000a07b';
export const TAG = 'gpub-test01-0000000000000001-1';
export const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrsA10r4tEAV9cfL6bXjHmyA1cG6RfkEwUeG7nq9bUi';
export const PUBLIC_KEY = `${KEY} a comment; $(reboot) 'quoted'`;
export const NODE_ID = '65e7edca-888a-4e66-a975-2c6cd4cd218b';

export interface World extends TransportParts {
  readonly clock: ManualClock;
  readonly recorder: RecordingRecorder;
}

/** Real `fetch`, with nock between it and the network; short pauses pass by themselves, deadlines do not. */
export function world(): World {
  return {
    fetch: wireFetchOver(fetch),
    clock: manualClock({ leapUpToMs: 5_000 }),
    recorder: recordingRecorder(),
  };
}

/** Every stub of a test has to be used, and nothing gets past the stubs. */
export function sealNetwork(): void {
  beforeEach(() => {
    nock.disableNetConnect();
  });
  afterEach(() => {
    const unused = nock.pendingMocks();
    nock.cleanAll();
    nock.enableNetConnect();
    expect(unused).toEqual([]);
  });
}

export function order(offer: Offer | undefined, overrides: Partial<LaunchOrder> = {}): LaunchOrder {
  if (!offer) throw new Error('the test has no offer to launch');
  const workload = { kind: 'ssh' } as const;
  return { tag: TAG, offer, diskGb: 100, publicKey: PUBLIC_KEY, workload, ...overrides };
}

/** The failure that a call ends in; a call that succeeds fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<ProviderFailure> {
  const outcome = await call.then(
    () => new Error('the call succeeded'),
    (error: unknown) => error,
  );
  if (outcome instanceof ProviderFailure) return outcome;
  throw outcome;
}

/** Everything that an operator could read of a failure and of the calls behind it. */
export function shown(failure: ProviderFailure, { recorder }: World): string {
  return JSON.stringify([failure.message, failure.stack, String(failure.cause), recorder.notes]);
}

/** A reply as the transport hands it over. */
export function replyOf(status: number, body: unknown): Reply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: {}, text, json: typeof body === 'string' ? undefined : body };
}
