import assert from 'node:assert/strict';
import type { ProviderFailure } from '../../../../src/domain/errors.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { PUBLIC_KEY, recordedTarget, TAG } from '../launch-order.ts';
import { portCall } from '../port-calls.ts';
import type { Exchange, RecordedCase } from '../recorded-case.ts';
import { recordedWire } from '../scripted-wire.ts';
import { assertShows } from '../shows.ts';
import { type Stage, stageFor } from '../stage.ts';
import type { ConformanceSubject } from '../subject.ts';

/** What the documents and live notes show, read as it is meant. */
export function recordedAnswers({ recorded }: ConformanceSubject): readonly ConformanceCase[] {
  return recorded.map((one) => ({
    name: `${one.call}: ${one.situation} (${one.source})`,
    run: (subject) => isReadAsMeant(subject, one),
  }));
}

/** Refusals that quote what they were sent, credentials and all. */
export function quotingRefusals({ recorded }: ConformanceSubject): readonly ConformanceCase[] {
  return recorded
    .filter(({ fails }) => fails !== undefined)
    .map((one) => ({
      name: `${one.call}: nothing of a credential is shown when this quotes it: ${one.situation}`,
      run: (subject) => showsNoSecret(subject, one),
    }));
}

async function isReadAsMeant(subject: ConformanceSubject, one: RecordedCase): Promise<void> {
  demand((one.returns === undefined) !== (one.fails === undefined), 'it returns or it fails');
  const wire = recordedWire(one.wire);
  const stage = stageFor(subject, wire.fetch);
  const ask = await callOf(subject, stage, one);
  if (one.fails === undefined) assertShows(await stage.done(ask()), one.returns);
  else assertFailure(await stage.failed(ask()), one.fails);
  wire.assertUsedUp();
}

async function callOf(
  subject: ConformanceSubject,
  { provider }: Stage,
  { call, order }: RecordedCase,
): Promise<() => Promise<unknown>> {
  const target = await recordedTarget(subject, order);
  return () => portCall(call).ask(provider, target);
}

function assertFailure(
  { kind, outcome, leftover, retryAfterMs, detail }: ProviderFailure,
  expected: NonNullable<RecordedCase['fails']>,
): void {
  assert.deepEqual(
    { kind, outcome, leftover },
    {
      leftover: undefined,
      kind: expected.kind,
      outcome: expected.outcome,
      ...leftoverOf(expected),
    },
    detail,
  );
  if (expected.retryAfterMs !== undefined) assert.equal(retryAfterMs, expected.retryAfterMs);
}

function leftoverOf({ leftover }: NonNullable<RecordedCase['fails']>): { leftover?: string } {
  return leftover === undefined ? {} : { leftover };
}

async function showsNoSecret(subject: ConformanceSubject, one: RecordedCase): Promise<void> {
  const secrets = [...subject.secrets, PUBLIC_KEY.split(' ')[1] ?? '', TAG];
  const quoting = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]);
  const wire = recordedWire(one.wire.map((exchange) => quotingIn(exchange, quoting.join(' '))));
  const stage = stageFor(subject, wire.fetch);
  const ask = await callOf(subject, stage, one);
  const end = await stage.settled(ask());
  const shown = shownBy(end.kind === 'failed' ? end.error : end.value, stage);
  for (const secret of subject.secrets) {
    for (const spelling of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
      demand(!shown.includes(spelling), `${one.situation}: a credential is shown`);
  }
}

/** Everything that an operator or a consumer may come to read. */
function shownBy(end: unknown, { recorder }: Stage): string {
  const error = end instanceof Error ? [end.message, end.stack, causesOf(end)] : [];
  return JSON.stringify([end, error, recorder.notes]);
}

function causesOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error
    ? `${cause.message} ${cause.stack} ${causesOf(cause)}`
    : JSON.stringify(cause ?? '');
}

/** The answer with the words at the end of each of its texts. */
function quotingIn(exchange: Exchange, words: string): Exchange {
  const { body, text } = exchange;
  return {
    ...exchange,
    ...(text === undefined ? {} : { text: `${text} ${words}` }),
    ...(body === undefined ? {} : { body: quotedIn(body, words) }),
  };
}

function quotedIn(value: unknown, words: string): unknown {
  if (typeof value === 'string') return `${value} ${words}`;
  if (Array.isArray(value)) return value.map((item: unknown) => quotedIn(item, words));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, quotedIn(item, words)]),
  );
}
