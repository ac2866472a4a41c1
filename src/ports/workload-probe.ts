import type { Endpoint } from '../domain/instance.ts';
import type { Readiness } from '../domain/workload.ts';

/** Asks a rented machine's workload over HTTP whether it serves. Has a hard deadline, follows no redirect, never throws. */
export interface WorkloadProbe {
  probe(target: ProbeTarget): Promise<WorkloadAnswer>;
}

export type ProbeTarget = Endpoint & Pick<Readiness, 'path' | 'accepts'>;

export type WorkloadAnswer =
  | { readonly kind: 'serving'; readonly status: number }
  /** It answered, and not with what counts as serving: a model that is still being loaded. */
  | { readonly kind: 'not_yet'; readonly status: number }
  | { readonly kind: 'silent'; readonly reason: 'unreachable' | 'timed_out' | 'not_http' };
