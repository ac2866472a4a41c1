import assert from 'node:assert/strict';
import type { ProviderFailure } from '../../../../src/domain/errors.ts';
import type { WireRequest } from '../../../../src/providers/wire-fetch.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { DISTURBANCES, type Disturbance, EMPTY_SUCCESSES } from '../disturbances.ts';
import { recordedTarget, sampleOf } from '../launch-order.ts';
import { PORT_CALLS, type PortCall } from '../port-calls.ts';
import { recordedWire, responseOf, type ScriptedWire, wireThatAlways } from '../scripted-wire.ts';
import { type Stage, stageFor } from '../stage.ts';
import type { ConformanceSubject } from '../subject.ts';

/** Every call of the port under everything that may happen to any call. */
export const DISTURBED_CALLS: readonly ConformanceCase[] = PORT_CALLS.flatMap((call) =>
  disturbancesOf(call).map((disturbance) => ({
    name: `${call.name}: ${disturbance.name} is a failure, and told as what it is`,
    ...(call.needs === undefined ? {} : { needs: call.needs }),
    run: (subject) => survives(subject, call, disturbance),
  })),
);

/** Every call of the port whose answer arrives in part. */
export const CUT_ANSWERS: readonly ConformanceCase[] = PORT_CALLS.map((call) => ({
  name: `${call.name}: an answer that is cut anywhere is a failure`,
  ...(call.needs === undefined ? {} : { needs: call.needs }),
  run: (subject) => survivesCuts(subject, call),
}));

/** A change may be answered with next to nothing, such as a 204; whether it came to be is looked at afterwards. */
function disturbancesOf({ nature, name }: PortCall): readonly Disturbance[] {
  const tellsSomething = nature === 'reads' || name === 'launch';
  return tellsSomething ? [...DISTURBANCES, ...EMPTY_SUCCESSES] : DISTURBANCES;
}

async function survives(
  subject: ConformanceSubject,
  call: PortCall,
  disturbance: Disturbance,
): Promise<void> {
  const target = await recordedTarget(subject);
  const wire = wireThatAlways(disturbance.played);
  const stage = stageFor(subject, wire.fetch);
  if (await isSilentlyUntold({ call, disturbance, stage, subject })) return;
  const failure = await stage.failed(call.ask(stage.provider, target));
  demand(disturbance.kinds.includes(failure.kind), `told as ${failure.kind}: ${failure.detail}`);
  assertOutcome(failure, { subject, disturbance, requests: wire.requests });
  const least = disturbance.leastRetryAfterMs;
  if (least !== undefined) demand((failure.retryAfterMs ?? 0) >= least, 'it comes back too soon');
  assert.equal(failure.leftover, undefined, 'nothing was rented');
  assertRecorded(stage);
}

/** A balance that is not told in a good answer is not told; it must not become a number. */
async function isSilentlyUntold(tried: {
  readonly call: PortCall;
  readonly disturbance: Disturbance;
  readonly stage: Stage;
  readonly subject: ConformanceSubject;
}): Promise<boolean> {
  const { call, disturbance, stage, subject } = tried;
  if (call.name !== 'balance' || !EMPTY_SUCCESSES.includes(disturbance)) return false;
  const target = await recordedTarget(subject);
  const end = await stage.settled(call.ask(stage.provider, target));
  return end.kind === 'done' && end.value === undefined;
}

/**
 * What the provider may have done hangs on the last thing that it was asked. A change of which nobody knows whether it
 * was made is asked for once; only a refusal that is certain may be followed by another try.
 */
function assertOutcome(
  failure: ProviderFailure,
  seen: {
    readonly subject: ConformanceSubject;
    readonly disturbance: Disturbance;
    readonly requests: readonly WireRequest[];
  },
): void {
  const { subject, disturbance, requests } = seen;
  const changes = requests.filter((request) => subject.changes(request));
  const expected = changes.length === 0 ? 'not_done' : disturbance.afterChange;
  if (expected !== 'either') assert.equal(failure.outcome, expected, failure.detail);
  if (failure.outcome === 'unknown') assert.equal(changes.length, 1, 'it was asked for again');
}

function assertRecorded({ recorder }: Stage): void {
  const calls = recorder.notes.filter((note) => note.kind === 'provider_call');
  demand(calls.length > 0, 'the call was not recorded');
  demand(
    calls.every((note) => note.failure !== undefined),
    'a failed call was recorded as a good one',
  );
}

async function survivesCuts(subject: ConformanceSubject, call: PortCall): Promise<void> {
  const { wire } = sampleOf(subject, call.name);
  for (const exchange of wire) {
    const { body } = responseOf(exchange);
    const lengths = exchange.isAside ? [] : cutsOf(body);
    for (const length of lengths) {
      const { times: _, ...rest } = exchange;
      const cut = { ...rest, body: undefined, text: body.slice(0, length) };
      const others = wire.map((one) => (one === exchange ? cut : one));
      await survivesCut(subject, call, recordedWire(others));
    }
  }
}

function cutsOf(body: string): readonly number[] {
  const parts = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9].map((share) => Math.floor(body.length * share));
  return [1, ...parts, body.length - 2, body.length - 1].filter(
    (length) => length > 0 && length < body.length,
  );
}

async function survivesCut(
  subject: ConformanceSubject,
  call: PortCall,
  wire: ScriptedWire,
): Promise<void> {
  const target = await recordedTarget(subject);
  const stage = stageFor(subject, wire.fetch);
  const failure = await stage.failed(call.ask(stage.provider, target));
  assert.equal(failure.kind, 'malformed', failure.detail);
  const last = wire.requests.at(-1);
  const isOpen = last !== undefined && subject.changes(last);
  assert.equal(failure.outcome, isOpen ? 'unknown' : 'not_done');
}
