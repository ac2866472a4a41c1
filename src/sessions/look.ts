import type { EpochMs } from '../domain/time.ts';
import type { Inspection } from '../ports/remote-shell.ts';

/** What a look into a running machine came to. Without a private key it is only asked whether the login would work. */
export interface Look {
  readonly inspection: Inspection;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
}

/** Looks of a kind that failed one after the other. Kept in memory: a restart counts anew. */
export interface Misses {
  readonly kind: 'refused' | 'unreachable';
  readonly times: number;
  readonly since: EpochMs;
}
