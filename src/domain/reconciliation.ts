import type { DeploymentId, ProviderApi, ProviderInstanceId, Tag, TagParts } from './ids.ts';
import { ownTag } from './ids.ts';
import { type Instance, isFinalInstance, type Observation } from './instance.ts';
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

/**
 * `api` is the one that listed the instance. Two APIs of a marketplace may show one machine under two ids, so an
 * attempt of another API is judged by that API's own list alone.
 */
export function claimOf(own: OwnInstance, session: Session | undefined, api: ProviderApi): Claim {
  const id = own.observation.id;
  const rows = session?.instances ?? [];
  const held = rows.findLastIndex((row) => row.providerInstanceId === id);
  const holder = rows[held];
  if (holder) {
    return isFinalInstance(holder.state) ? { kind: 'belongs', position: held } : { kind: 'wanted' };
  }
  const position = rows.findIndex((row) => row.tag === own.tag && row.role === 'attempt');
  const row = rows[position];
  if (!row) return { kind: 'nobody' };
  if (row.api !== api) return { kind: 'wanted' };
  if (row.providerInstanceId === undefined) {
    return isFinalInstance(row.state) ? { kind: 'belongs', position } : { kind: 'wanted' };
  }
  return { kind: 'stray', position };
}

/** How often, and since when, an instance has been seen unwanted. */
export interface Suspicion {
  readonly firstSeenAt: EpochMs;
  readonly lastSeenAt: EpochMs;
  readonly sightings: number;
}

export type Suspicions = ReadonlyMap<ProviderInstanceId, Suspicion>;

/** The suspicions after one more complete list that began at `listedAt`: what is no longer unwanted is forgotten. */
export function suspect(
  before: Suspicions,
  unwanted: readonly OwnInstance[],
  listedAt: EpochMs,
): Suspicions {
  return new Map(
    unwanted.map(({ observation: { id } }) => {
      const earlier = before.get(id);
      return [
        id,
        {
          firstSeenAt: earlier?.firstSeenAt ?? listedAt,
          lastSeenAt: listedAt,
          sightings: (earlier?.sightings ?? 0) + 1,
        },
      ];
    }),
  );
}

/** Orphaned: ours, unwanted, older than the grace period, and seen so in two lists apart in time. */
export function isOrphan(
  own: OwnInstance,
  suspicion: Suspicion | undefined,
  context: { readonly now: EpochMs; readonly policy: Policy },
): boolean {
  if (!suspicion || suspicion.sightings < 2) return false;
  const { now, policy } = context;
  const bornAt = Math.min(
    own.observation.createdAt ?? suspicion.firstSeenAt,
    suspicion.firstSeenAt,
  );
  return (
    now - bornAt >= policy.orphanGraceMs &&
    suspicion.lastSeenAt - suspicion.firstSeenAt >= policy.evidenceGapMs
  );
}

/** So much missing at once that the list, and not the instances, is to be doubted. */
export function isMassAbsence(expected: number, missing: number): boolean {
  return missing >= 3 && missing * 2 >= expected;
}

/** Instances that a complete list begun at `listedAt` should show: known to the provider and seen before, or old enough. */
export function isExpectedIn(instance: Instance, listedAt: EpochMs, settleMs: number): boolean {
  if (instance.state !== 'launched' || instance.launchedAt === undefined) return false;
  return instance.firstSeenAt !== undefined
    ? instance.firstSeenAt <= listedAt
    : instance.launchedAt + settleMs <= listedAt;
}
