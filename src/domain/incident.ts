import type { FailureKind } from './errors.ts';
import type { ApiPlace } from './ids.ts';
import type { EpochMs } from './time.ts';

/** What is too strange to act on, or keeps the broker from acting, and is for a person to know. */
export type IncidentFacts =
  /** A list leaves out so many of our instances that the list is doubted. */
  | { readonly kind: 'mass_absence'; readonly missing: number; readonly expected: number }
  /** Orphans wait for a person's word. */
  | { readonly kind: 'orphans_held'; readonly count: number }
  /** Several lists in a row failed: nobody knows what runs at this API. */
  | { readonly kind: 'list_failing'; readonly failure: FailureKind }
  /** Machines stand at an API that is not configured: they can neither be seen nor ended. */
  | { readonly kind: 'api_not_configured'; readonly instances: number }
  /** The database takes no writes. */
  | { readonly kind: 'store_failing' };

export const INCIDENT_KINDS = [
  'mass_absence',
  'orphans_held',
  'list_failing',
  'api_not_configured',
  'store_failing',
] as const satisfies readonly IncidentFacts['kind'][];
export type IncidentKind = IncidentFacts['kind'];

/** One that lasts. */
export interface Incident {
  readonly facts: IncidentFacts;
  /** Undefined for what concerns the broker itself. */
  readonly place: ApiPlace | undefined;
  readonly since: EpochMs;
}
