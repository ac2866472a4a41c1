import type {
  ApiPlace,
  DeploymentId,
  ProviderApi,
  ProviderInstanceId,
  Tag,
  TagParts,
} from './ids.ts';
import { ownTag } from './ids.ts';
import { type Instance, isFinalInstance, isStanding, type Observation } from './instance.ts';
import type { Policy } from './policy.ts';
import type { Session } from './session.ts';
import type { EpochMs } from './time.ts';

/** An instance that carries this deployment's tag, with the tag taken apart. */
export interface OwnInstance {
  readonly observation: Observation;
  readonly tag: Tag;
  readonly parts: TagParts;
}

/** What nobody else's list entry can be: exactly our tag, re-made from its parts. Everything else is invisible from here on. */
export function ownInstances(
  listed: readonly Observation[],
  deploymentId: DeploymentId,
): readonly OwnInstance[] {
  return listed.flatMap((observation) => {
    const parts = ownTag(observation.tag, deploymentId);
    return parts && observation.tag !== undefined
      ? [{ observation, tag: observation.tag, parts }]
      : [];
  });
}

/** Why an instance of ours is, or is not, wanted by the rows that were read after it was listed. */
export type Claim =
  | { readonly kind: 'wanted' }
  /** Its row was closed, without an instance or with this very one; it belongs back into that row. */
  | { readonly kind: 'belongs'; readonly position: number }
  /** The attempt has, or had, another instance; this one is a second. */
  | { readonly kind: 'stray'; readonly position: number }
  /** No row knows the tag. */
  | { readonly kind: 'nobody' };

/** Where an instance was listed, and by what APIs others would be. */
export interface ListingPlace extends ApiPlace {
  readonly apis: ReadonlySet<ProviderApi>;
}

/**
 * Two APIs of one marketplace may show one machine under two ids, so an attempt of another API is judged by that API's
 * own list alone. What stands at another marketplace is another machine.
 */
export function claimOf(
  own: OwnInstance,
  session: Session | undefined,
  listing: ListingPlace,
): Claim {
  const id = own.observation.id;
  const rows = session?.instances ?? [];
  const held = rows.findLastIndex(
    (row) => row.providerInstanceId === id && row.provider === listing.provider,
  );
  const holder = rows[held];
  if (holder) {
    return isFinalInstance(holder.state) ? { kind: 'belongs', position: held } : { kind: 'wanted' };
  }
  const position = rows.findIndex((row) => row.tag === own.tag && row.role === 'attempt');
  const row = rows[position];
  if (!row) return { kind: 'nobody' };
  if (row.provider !== listing.provider) return { kind: 'stray', position };
  if (row.api !== listing.api) {
    // An API that is not configured any more lists nothing: of what its closed rows left behind this one has to speak.
    const isOrphaned = isFinalInstance(row.state) && !listing.apis.has(row.api);
    return isOrphaned ? { kind: 'stray', position } : { kind: 'wanted' };
  }
  if (row.providerInstanceId === undefined) {
    return isFinalInstance(row.state) ? { kind: 'belongs', position } : { kind: 'wanted' };
  }
  return { kind: 'stray', position };
}

/** A moment on both clocks: the wall's, which can be set, and the one that only goes forward. */
export interface Moment {
  readonly at: EpochMs;
  readonly monotonicMs: number;
}

/** How often, and since when, an instance has been seen unwanted. */
export interface Suspicion {
  readonly firstSeen: Moment;
  readonly lastSeen: Moment;
  readonly sightings: number;
}

export type Suspicions = ReadonlyMap<ProviderInstanceId, Suspicion>;

/** The suspicions after one more complete list that began at `listed`: what is no longer unwanted is forgotten. */
export function suspect(
  before: Suspicions,
  unwanted: readonly OwnInstance[],
  listed: Moment,
): Suspicions {
  return new Map(
    unwanted.map(({ observation: { id } }) => {
      const earlier = before.get(id);
      const firstSeen = earlier?.firstSeen ?? listed;
      return [id, { firstSeen, lastSeen: listed, sightings: (earlier?.sightings ?? 0) + 1 }];
    }),
  );
}

/** Orphaned: ours, unwanted, older than the grace period, and seen so in two lists apart in time. */
export function isOrphan(own: OwnInstance, suspicion: Suspicion, policy: Policy): boolean {
  if (suspicion.sightings < 2) return false;
  const { firstSeen, lastSeen } = suspicion;
  const seenForMs = lastSeen.monotonicMs - firstSeen.monotonicMs;
  // Time that passed before it was seen counts by the provider's word, and no clock that is set later adds to it.
  const earlierMs = Math.max(0, firstSeen.at - (own.observation.createdAt ?? firstSeen.at));
  return earlierMs + seenForMs >= policy.orphanGraceMs && seenForMs >= policy.evidenceGapMs;
}

/** Whether it was made well after this process had its first list: nothing was there then that the list could leave out. */
export function isNewcomer(
  { observation }: OwnInstance,
  { firstSeen }: Suspicion,
  { firstListed, policy }: { readonly firstListed: Moment; readonly policy: Policy },
): boolean {
  // On the clock as it was at the first list, whatever it was set to since.
  const seenAt = firstListed.at + firstSeen.monotonicMs - firstListed.monotonicMs;
  const madeAt = Math.min(observation.createdAt ?? seenAt, seenAt);
  return madeAt > firstListed.at + policy.orphanGraceMs;
}

/** So much missing at once that the list, and not the instances, is to be doubted. */
export function isMassAbsence(expected: number, missing: number): boolean {
  return missing >= 3 && missing * 2 >= expected;
}

/** Instances that a complete list begun at `listedAt` should show: known to the provider and seen before, or old enough. */
export function isExpectedIn(instance: Instance, listedAt: EpochMs, settleMs: number): boolean {
  if (!isStanding(instance.state) || instance.launchedAt === undefined) return false;
  return instance.firstSeenAt !== undefined
    ? instance.firstSeenAt <= listedAt
    : instance.launchedAt + settleMs <= listedAt;
}
