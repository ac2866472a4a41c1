import type { AttemptFailure, Instance, Observation } from '../instance.ts';
import type { Policy } from '../policy.ts';
import type { Session, StopReason } from '../session.ts';
import type { EpochMs } from '../time.ts';

/** What the latest complete lists say about an instance. */
export type Sighting =
  /** No list that could show it, or lists that cannot be trusted. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'seen';
      readonly observation: Observation;
      readonly at: EpochMs;
      /** For how long, by a clock that nobody sets, this process has seen it stopped or failed; 0 when it is neither. */
      readonly troubledForMs: number;
      /** The look before, where it was not long before: what is new happened in between. */
      readonly seenBefore?: EpochMs;
    }
  /** Missing from the newest complete list, which began at `listedAt`; `isProven` after two of them apart in time. */
  | { readonly kind: 'absent'; readonly listedAt: EpochMs; readonly isProven: boolean };

/** Everything a decision may look at beside the rows. */
export interface View {
  readonly now: EpochMs;
  readonly policy: Policy;
  /** By position in the session's list of instances. */
  readonly sightings: readonly Sighting[];
  /** The session is older than this process: its rows may come from a backup, and not know what was launched since. */
  readonly isInherited: boolean;
  /** Every API has been listed, and shows no machine of this session that its rows may not know of. */
  readonly isNothingForgotten: boolean;
  /** The rows have every word that the session's agent has said: none was said to an earlier process, or lost in writing. */
  readonly isAgentHeard: boolean;
  /** The next look at the instance itself, and the next try to log in or to be served, are not before these; 0 = none in this process yet. */
  readonly pace: {
    readonly locateNotBefore: EpochMs;
    readonly proveNotBefore: EpochMs;
    /** Looks apart in time have found other GPUs than were offered. */
    readonly isSurelyWrong?: boolean;
    /** The next look into the running machine; undefined where none is planned. */
    readonly probeNotBefore?: EpochMs;
    /** The next try to put a lost key back; infinite when there were enough of them. */
    readonly grantNotBefore?: EpochMs;
    /** The next look for an offer in the place of a machine that was lost, where there was none. */
    readonly searchNotBefore?: EpochMs;
  };
}

/** The one thing to do next for a session. */
export type Decision =
  | { readonly kind: 'rest'; readonly until: EpochMs | undefined }
  | { readonly kind: 'begin_stop'; readonly reason: StopReason }
  | { readonly kind: 'finish' }
  /** The market took the machine of a running session that is to have another one. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'next_attempt' }
  | { readonly kind: 'discard' }
  | { readonly kind: InstanceAction; readonly position: number }
  | { readonly kind: 'adopt'; readonly position: number; readonly observation: Observation }
  | { readonly kind: 'fail_attempt'; readonly position: number; readonly failure: AttemptFailure };

/** Acts on one instance that need no more than to know which. */
export type InstanceAction =
  | 'launch'
  | 'drop_intent'
  | 'mark_unsettled'
  | 'write_off'
  | 'grant_access'
  | 'locate'
  | 'prove_login'
  | 'prove_service'
  /** A look into a machine that serves: is the login still good, and what goes on there? */
  | 'probe'
  /** The key of a machine that serves is gone: it is put in again. */
  | 'restore_access'
  | 'stop'
  | 'start'
  | 'verify_absence'
  | 'terminate';

/** One instance of a session, with all that may be looked at for it. */
export interface InstanceCase {
  readonly session: Session;
  readonly instance: Instance;
  readonly position: number;
  readonly view: View;
}
