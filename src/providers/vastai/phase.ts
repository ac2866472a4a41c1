import type { InstancePhase } from '../../domain/instance.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import { isFatal } from './start-failures.ts';

/** The fields that say what an instance does. */
export interface StateFields {
  /** The container: null while it is being provisioned. */
  readonly actual: string | null;
  /** What was asked of the container. */
  readonly intended: string | null;
  /** The contract, which is what is billed, and where it is going. */
  readonly current: string | null;
  readonly next: string | null;
  /** Free text; outlives the state that it was written in. */
  readonly message: string;
  /** Since the contract was made, or was last started by us; undefined when nobody says. */
  readonly ageMs: number | undefined;
}

/**
 * `exited` is shown for some minutes right after a start (live notes say 2 to 10 minutes), although the docs call it
 * final. For a contract whose start is longer ago it means that the container ended.
 */
const EXITED_GRACE_MS = 5 * MINUTE_MS;

/** What the instance does, in our words, from one reading. Contract fields go before the container's, which lag. */
export function phaseOf(state: StateFields): InstancePhase {
  if (state.intended === 'stopped') return phaseOfEnding(state);
  switch (state.actual) {
    case 'running':
    case 'frozen':
      // A frozen container is charged like a running one; that nobody can log in is for the login to find out.
      return phaseOfUp(state);
    case 'exited':
      return phaseOfExited(state);
    case 'stopped':
      return isFatal(state.message) ? 'failed' : 'stopped';
    case null:
    case '':
    case 'created':
    case 'creating':
    case 'loading':
    case 'scheduling':
    case 'rebooting':
    case 'recycling':
      return state.next === 'stopped' || isFatal(state.message) ? 'failed' : 'starting';
    case 'destroying':
    case 'destroyed':
    case 'terminated':
      return 'stopping';
    default:
      // `unknown` and `offline` say that the host is not heard of; it can come back.
      return 'unknown';
  }
}

function phaseOfEnding(state: StateFields): InstancePhase {
  if (state.current === 'stopped' && state.next !== 'running') return 'stopped';
  return state.actual === 'exited' || state.actual === 'stopped' ? 'stopped' : 'stopping';
}

function phaseOfUp(state: StateFields): InstancePhase {
  if (state.next === 'stopped') return state.current === 'stopped' ? 'stopped' : 'stopping';
  return state.current === 'stopped' ? 'unknown' : 'running';
}

/** An ended container is charged for its disk alone, which is what `stopped` says; `failed` would leave the GPU's meter on. */
function phaseOfExited(state: StateFields): InstancePhase {
  if (isFatal(state.message)) return 'failed';
  if (state.next === 'stopped' || state.current === 'stopped') return 'stopped';
  return state.ageMs === undefined || state.ageMs < EXITED_GRACE_MS ? 'starting' : 'stopped';
}
