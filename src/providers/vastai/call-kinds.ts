import { SECOND_MS } from '../../domain/time.ts';
import type { ProviderOperation } from '../../ports/recorder.ts';
import type { Priority, RateLimit } from '../rate-gate.ts';
import type { CallNature } from './failures.ts';

interface CallKind extends CallNature {
  readonly operation: ProviderOperation;
  readonly priority: Priority;
  readonly deadlineMs: number;
  readonly limit: RateLimit;
  /** Kinds that go to one endpoint share a gate; without a name the kind has one of its own. */
  readonly gate?: string;
}

/** Published least intervals are widened by this, because calls sent in time may arrive closer together. */
const MARGIN_MS = 300;

function every(seconds: number): RateLimit {
  return { calls: 1, perMs: seconds * SECOND_MS + MARGIN_MS };
}

/**
 * Intervals as published (docs, Aug 2026). Searches are "10 per minute per IP"; one is left to others behind the same address.
 * A create that comes too early is locked out for 12 s. Creates take several seconds, destroys five to six.
 */
export const CALL_KINDS = {
  search: {
    operation: 'offers',
    priority: 'search',
    deadlineMs: 30 * SECOND_MS,
    limit: { calls: 9, perMs: 60 * SECOND_MS + MARGIN_MS },
    slowDownMs: 6_200,
    hasEffect: false,
  },
  create: {
    operation: 'launch',
    priority: 'launch',
    deadlineMs: 60 * SECOND_MS,
    limit: every(4.5),
    slowDownMs: 12 * SECOND_MS,
    hasEffect: true,
  },
  attachKey: {
    operation: 'grant_access',
    priority: 'status',
    deadlineMs: 30 * SECOND_MS,
    limit: every(1),
    slowDownMs: 2 * SECOND_MS,
    hasEffect: true,
  },
  page: {
    operation: 'list',
    priority: 'list',
    deadlineMs: 30 * SECOND_MS,
    limit: every(1),
    slowDownMs: 2 * SECOND_MS,
    hasEffect: false,
  },
  instance: {
    operation: 'get',
    priority: 'status',
    deadlineMs: 30 * SECOND_MS,
    limit: every(2),
    slowDownMs: 2 * SECOND_MS,
    hasEffect: false,
  },
  destroy: {
    operation: 'terminate',
    priority: 'terminate',
    deadlineMs: 30 * SECOND_MS,
    limit: every(3),
    slowDownMs: 3 * SECOND_MS,
    hasEffect: true,
  },
  stop: {
    operation: 'stop',
    // It ends a bill as a terminate does.
    priority: 'terminate',
    deadlineMs: 30 * SECOND_MS,
    limit: every(1),
    gate: 'power',
    slowDownMs: 2 * SECOND_MS,
    hasEffect: true,
  },
  start: {
    operation: 'start',
    priority: 'launch',
    deadlineMs: 60 * SECOND_MS,
    limit: every(1),
    gate: 'power',
    slowDownMs: 2 * SECOND_MS,
    hasEffect: true,
  },
  charges: {
    operation: 'charges',
    priority: 'search',
    deadlineMs: 60 * SECOND_MS,
    limit: every(1),
    slowDownMs: 5 * SECOND_MS,
    hasEffect: false,
  },
  credit: {
    operation: 'balance',
    priority: 'search',
    deadlineMs: 30 * SECOND_MS,
    limit: every(1),
    slowDownMs: 5 * SECOND_MS,
    hasEffect: false,
  },
  templates: {
    operation: 'templates',
    priority: 'search',
    deadlineMs: 30 * SECOND_MS,
    limit: every(3),
    slowDownMs: 4 * SECOND_MS,
    hasEffect: false,
  },
} as const satisfies Readonly<Record<string, CallKind>>;
export type CallName = keyof typeof CALL_KINDS;

export function gateOf(name: CallName): string {
  const { gate }: CallKind = CALL_KINDS[name];
  return gate ?? name;
}

/** Every gate that there is, with its limit. */
export const GATES: Readonly<Record<string, RateLimit>> = Object.fromEntries(
  Object.entries(CALL_KINDS).map(([name, kind]: [string, CallKind]) => [
    kind.gate ?? name,
    kind.limit,
  ]),
);
