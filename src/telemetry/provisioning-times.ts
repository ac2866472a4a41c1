import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

/** Sessions that may be on their way at once; the oldest is forgotten, and then not measured. */
const MAX_SESSIONS = 10_000;

/** When the sessions that are not running yet began. What began before the process did is not measured. */
export interface ProvisioningTimes {
  begin(id: SessionId, at: EpochMs): void;
  /** Milliseconds since the beginning, once; undefined when that is not known. */
  end(id: SessionId, at: EpochMs): number | undefined;
}

export function createProvisioningTimes(): ProvisioningTimes {
  const beganAt = new Map<SessionId, EpochMs>();
  return {
    begin: (id, at) => {
      const [oldest] = beganAt.keys();
      if (beganAt.size >= MAX_SESSIONS && oldest !== undefined) beganAt.delete(oldest);
      beganAt.set(id, at);
    },
    end: (id, at) => {
      const began = beganAt.get(id);
      beganAt.delete(id);
      return began === undefined ? undefined : Math.max(0, at - began);
    },
  };
}
