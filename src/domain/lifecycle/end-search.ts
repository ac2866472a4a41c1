import { attemptsAllowed, type SearchVerdict, searchSpanMs } from '../placement.ts';
import type { Policy } from '../policy.ts';
import { interruptionOf } from '../search.ts';
import { currentInstance, type Session } from '../session.ts';
import { type EpochMs, MINUTE_MS } from '../time.ts';
import type { Transition } from './change.ts';
import { reasonOfFailure, reasonOfLoss } from './decide.ts';
import { beginStop } from './ending.ts';

/** What the search for a machine that works came to: `goes_on` where it would have, had there been another offer. */
interface SearchEnd {
  readonly verdict: SearchVerdict;
  readonly policy: Policy;
  readonly at: EpochMs;
}

/** No attempt follows the last one: the session ends for its failure, and the error says why nothing else was tried. */
export function endSearch({ verdict, policy, at }: SearchEnd): Transition {
  return (session) => {
    const taken = interruptionOf(session);
    const reason = taken
      ? reasonOfLoss(taken.code)
      : reasonOfFailure(currentInstance(session)?.failure?.code);
    const change = beginStop(reason, at)(session);
    const note = noteOn(session, verdict, policy);
    if (!change?.session.error || note === undefined) return change;
    const { code, message } = change.session.error;
    const error = { code, message: `${message}; ${note}` };
    return { ...change, session: { ...change.session, error } };
  };
}

function noteOn(session: Session, verdict: SearchVerdict, policy: Policy): string | undefined {
  switch (verdict) {
    case 'is_over':
      return undefined;
    case 'goes_on':
      return 'no other offer that fits is on the menu';
    case 'has_tried_enough':
      return `no more than ${attemptsAllowed(session, policy)} offers are tried for this request`;
    case 'is_out_of_time': {
      const minutes = Math.round(searchSpanMs(session, policy) / MINUTE_MS);
      return `the search had its ${minutes} minutes, after which no other offer is tried`;
    }
  }
}
