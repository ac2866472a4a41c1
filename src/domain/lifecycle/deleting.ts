import type { EpochMs } from '../time.ts';
import type { Transition } from './change.ts';
import { beginStop } from './ending.ts';
import { discardDisk } from './keeping.ts';

/** The session is to end, and whatever is or would be kept of it with it: one step, so that no crash leaves half of the wish. */
export function beginDelete(at: EpochMs): Transition {
  return (session) => {
    const stop = beginStop('deleted', at)(session);
    const ending = stop?.session ?? session;
    const discard = discardDisk('deleted', at)(ending);
    if (!stop && !discard) return undefined;
    return {
      session: discard?.session ?? ending,
      events: [...(stop?.events ?? []), ...(discard?.events ?? [])],
    };
  };
}
