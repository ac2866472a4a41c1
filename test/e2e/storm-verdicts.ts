import type { Instance } from '../../src/domain/instance.ts';
import { isFinalInstance } from '../../src/domain/instance.ts';
import { isTerminalStatus, type Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { SimulatedInstance } from './stage.ts';
import type { DeploymentEvidence } from './storm.ts';

/** What is wrong, a sentence each; an empty list is the proof. */
export type Verdict = readonly string[];

/** Promise 1: nothing lives on, and a session says that it has stopped when that is so. */
export function leaks({ instances, stored }: DeploymentEvidence): Verdict {
  const alive = instances.filter(({ state }) => state !== 'gone').map(name);
  const early = stored.flatMap((session) =>
    instances
      .filter(({ label }) => hasTag(session, label))
      .filter(({ goneAt }) => (goneAt ?? Number.POSITIVE_INFINITY) > (session.stoppedAt ?? 0))
      .map((instance) => `${session.id} had ended before ${name(instance)} was gone`),
  );
  return [...alive.map((one) => `still alive: ${one}`), ...early];
}

/** Nobody waits for anything: each session is over, and so is each attempt of it. */
export function stuck({ shown, stored }: DeploymentEvidence): Verdict {
  return [
    ...shown
      .filter(({ status }) => status !== 'stopped' && status !== 'failed')
      .map(({ id, status }) => `${id} is shown as ${status}`),
    ...stored
      .filter(({ status }) => !isTerminalStatus(status))
      .map(({ id, status }) => `${id} is stored as ${status}`),
    ...stored
      .flatMap(({ instances }) => instances)
      .filter(({ state }) => !isFinalInstance(state))
      .map(({ tag, state }) => `${tag} is ${state}`),
  ];
}

/** Promise 3: one session for a request, one instance for an attempt, and one at a time for a session. */
export function doubles({ orders, shown, stored, instances }: DeploymentEvidence): Verdict {
  const known = new Set(shown.map(({ id }) => id));
  const ordered = new Set(orders.map(({ key }) => key));
  return [
    ...repeated(shown.map(({ consumer_id }) => consumer_id)).map(
      (key) => `${key} has two sessions`,
    ),
    ...orders
      .filter(({ sessionId }) => sessionId !== undefined && !known.has(sessionId))
      .map(({ key, sessionId }) => `${sessionId} of ${key} is not there any more`),
    ...shown
      .filter(({ consumer_id }) => !ordered.has(consumer_id))
      .map(({ id }) => `nobody ordered ${id}`),
    ...repeated(instances.map(({ label }) => label ?? '')).map((tag) => `${tag} was rented twice`),
    ...stored.flatMap((session) =>
      overlaps(instances.filter(({ label }) => hasTag(session, label))),
    ),
    ...instances.filter((one) => !rowOf(stored, one)).map((one) => `no row has ${name(one)}`),
  ];
}

/**
 * Promise 2: an end was asked for, or its time had come. What a broker that is dead most of the time may be late for is
 * a first login; the attempt then had all the time that it was promised.
 */
export function wrongEnds({ orders, stored }: DeploymentEvidence): Verdict {
  const asked = new Map(orders.map(({ key, endAskedAt }) => [key, endAskedAt]));
  return stored.flatMap((session) => [
    ...wrongEnd(session, asked.get(session.request.consumerId)),
    ...session.instances.flatMap(wrongFailure),
  ]);
}

/** Promise 2 again: only the owner ends an instance, and its own row said so before the call. */
export function foreignEnds({ stored, instances }: DeploymentEvidence): Verdict {
  return instances.flatMap((instance) => {
    const askedAt = rowOf(stored, instance)?.terminateAskedAt;
    const isOwn = askedAt !== undefined && instance.goneAt !== null && askedAt <= instance.goneAt;
    return instance.endedBy === 'renter' && isOwn
      ? []
      : [`not ended by its owner: ${name(instance)}`];
  });
}

/** The sum that is told is the sum of what is told of each, in millionths of a dollar. */
export function wrongSums({ shown, costs }: DeploymentEvidence): Verdict {
  const sum = shown.reduce((total, { cost_so_far }) => total + toMicroUsd(cost_so_far), 0);
  const told = toMicroUsd(costs.total_cost);
  return sum === told ? [] : [`the sessions cost ${sum}, the sum is told as ${told}`];
}

/** After every single kill, and at the end. */
export function unsound({ deaths, lastAutopsy }: DeploymentEvidence): Verdict {
  return [...deaths.map(({ autopsy }) => autopsy), lastAutopsy].flatMap(({ faults }) => faults);
}

/** Several lives in a row may end before they serve, and nothing ends while no broker serves. */
const LATE_MS = 20 * MINUTE_MS;

function wrongEnd(session: Session, endAskedAt: number | undefined): Verdict {
  const { id, stopReason, runningAt, expiresAt, stopAskedAt = 0 } = session;
  if (runningAt !== undefined && stopAskedAt > expiresAt + LATE_MS) {
    return [`${id} ran on after its time`];
  }
  switch (stopReason) {
    case 'done':
    case 'deleted':
      return endAskedAt !== undefined && endAskedAt <= stopAskedAt
        ? []
        : [`${id} was ${stopReason} and nobody had asked`];
    case 'expired':
      return stopAskedAt >= expiresAt && expiresAt >= (runningAt ?? 0) + HOUR_MS
        ? []
        : [`${id} expired before its time`];
    case 'launch_failed':
    case 'never_ready':
      return runningAt === undefined ? [] : [`${id} was running and is ${stopReason}`];
    default:
      return [`${id} ended for the reason ${stopReason ?? 'none'}`];
  }
}

function wrongFailure({ tag, state, failure, readyBy, terminateAskedAt = 0 }: Instance): Verdict {
  const isRented = state === 'gone' && failure !== undefined;
  const hadItsTime = failure?.code === 'never_ready' && terminateAskedAt >= readyBy;
  return isRented && !hadItsTime ? [`${tag} was given up: ${failure.code}`] : [];
}

function overlaps(instances: readonly SimulatedInstance[]): Verdict {
  const inOrder = instances.toSorted((left, right) => left.createdAt - right.createdAt);
  return inOrder.slice(1).flatMap((instance, index) => {
    const before = inOrder[index];
    const isFree =
      before !== undefined && before.goneAt !== null && before.goneAt <= instance.createdAt;
    return isFree ? [] : [`${name(instance)} was rented while another one of its session lived`];
  });
}

function rowOf(stored: readonly Session[], { id }: SimulatedInstance): Instance | undefined {
  return stored
    .flatMap(({ instances }) => instances)
    .find(({ providerInstanceId }) => providerInstanceId === id);
}

function hasTag({ instances }: Session, label: string | null): boolean {
  return instances.some(({ tag }) => tag === label);
}

function repeated(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.filter((text, index) => texts.indexOf(text) !== index))];
}

function toMicroUsd(usd: number): number {
  return Math.round(usd * 1_000_000);
}

function name({ id, label, state, createdAt, goneAt }: SimulatedInstance): string {
  return `${label} (${id}, ${state}, ${createdAt} to ${goneAt ?? 'now'})`;
}
