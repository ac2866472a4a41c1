import type { Instance } from '../instance.ts';
import { gpuFaultOf, type Mismatch, mismatchesOf } from '../machine-check.ts';
import type { MachineReport } from '../machine-report.ts';
import type { Session } from '../session.ts';
import type { EpochMs } from '../time.ts';
import { type Change, factsOf, type Transition, withInstance } from './change.ts';
import { recordLogin, whileBringingUp } from './serving.ts';

/** A login that worked, and what the machine said of itself there. */
export interface Proving {
  readonly at: EpochMs;
  /** SHA-256 fingerprint of the host key that answered. */
  readonly hostKey: string;
  /** From the first address to the first login that worked. */
  readonly durationMs: number;
  readonly report?: MachineReport;
  /** How long a driver may take from here, where none answers yet. */
  readonly driverTimeoutMs: number;
}

/**
 * What a proven login comes to: the session runs, or, where that means GPUs that can be used and they cannot be yet, what was
 * seen is written down for the next decision. A report that could not be read leaves that open.
 */
export function recordProof(position: number, proving: Proving): Transition {
  return whileBringingUp(position, (session, instance) => {
    const seen = seenOf(session, instance, proving);
    const known = withInstance(session, position, seen.instance);
    const isUsable = proving.report !== undefined && !seen.isFaulty;
    if (session.request.readiness === 'gpu' && !isUsable) return waiting(session, known, seen);
    const running = recordLogin(position, proving)(known);
    return running && { ...running, events: [...seen.events, ...running.events] };
  });
}

interface Seen {
  readonly instance: Instance;
  readonly isFaulty: boolean;
  readonly events: Change['events'];
}

/** The host key is pinned at the first login, whatever the machine is then found to be. */
function seenOf(session: Session, before: Instance, proving: Proving): Seen {
  const { report, at, hostKey } = proving;
  const known = { ...before, hostKey: before.hostKey ?? hostKey };
  if (!report) return { instance: known, isFaulty: false, events: [] };
  const mismatches = mismatchesOf(report, before);
  const fault = gpuFaultOf(mismatches);
  const instance: Instance = {
    ...known,
    // What goes on there at this moment tells nothing of what it is.
    machine: { ...report, work: undefined },
    mismatches,
    ...(fault === 'no_driver' ? { readyBy: readyBy(session, before, proving) } : {}),
  };
  const kinds = mismatches.map(({ kind }) => kind);
  const event = { ...factsOf(instance, at), kind: 'machine_seen' as const, mismatches: kinds };
  const isNews = before.machine === undefined || !areSame(before.mismatches, mismatches);
  return { instance, isFaulty: fault !== undefined, events: isNews ? [event] : [] };
}

/**
 * Counted from the first look on, so that a driver which comes and goes gets no more time each time; the consumer's own span is
 * for all. Whatever was left for the login is over with it: where no driver is to come, a machine that is paid for would be kept
 * for minutes to look at what it lacks.
 */
function readyBy(session: Session, before: Instance, { at, driverTimeoutMs }: Proving): EpochMs {
  const isFixed = session.request.readyTimeoutMs !== undefined || before.machine !== undefined;
  return isFixed ? before.readyBy : at + driverTimeoutMs;
}

/** Looks that bring no news cost no write. */
function waiting(session: Session, known: Session, { events }: Seen): Change | undefined {
  const isNews =
    events.length > 0 ||
    session.instances.some(({ hostKey }, at) => hostKey !== known.instances[at]?.hostKey);
  return isNews ? { session: known, events } : undefined;
}

function areSame(left: readonly Mismatch[] | undefined, right: readonly Mismatch[]): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
