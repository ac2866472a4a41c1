import assert from 'node:assert/strict';
import type { Static } from '@sinclair/typebox';
import { parseTag } from '../../domain/ids.ts';
import { toUsd } from '../../domain/money.ts';
import type { HoldReason, Orphan } from '../../domain/orphan.ts';
import { type EpochMs, toRfc3339 } from '../../domain/time.ts';
import type { OrphanPage } from '../../ports/store.ts';
import type { OrphanAnswer, OrphansAnswer } from '../schemas/orphan-schemas.ts';
import { known } from './known.ts';

export function orphanView(orphan: Orphan): Static<typeof OrphanAnswer> {
  const { createdAt, pricePerHour } = orphan;
  const tag = parseTag(orphan.tag);
  assert(tag, 'an orphan is ours by its tag');
  return {
    id: orphan.id,
    provider: orphan.provider,
    provider_instance_id: orphan.providerInstanceId,
    tag: orphan.tag,
    session_id: tag.sessionId,
    state: orphan.state,
    message: messageOf(orphan),
    decided_by: orphan.decidedBy,
    terminate_attempts: orphan.terminateAttempts,
    detected_at: toRfc3339(orphan.detectedAt),
    decided_at: toRfc3339(orphan.decidedAt),
    ...known({
      held_for: orphan.heldFor,
      created_at: createdAt === undefined ? undefined : tellable(createdAt),
      price_per_hour: pricePerHour === undefined ? undefined : toUsd(pricePerHour),
    }),
  };
}

export function orphansView({ orphans, total }: OrphanPage): Static<typeof OrphansAnswer> {
  return { orphans: orphans.map(orphanView), count: orphans.length, total };
}

/** RFC 3339 has years of four digits, and a provider may say anything: one wild instant must not hide the whole list. */
const LAST_TELLABLE: EpochMs = Date.UTC(9999, 11, 31);

function tellable(at: EpochMs): string | undefined {
  return at >= 0 && at <= LAST_TELLABLE ? toRfc3339(at) : undefined;
}

const WHY_HELD: Readonly<Record<HoldReason, string>> = {
  dry_run: 'No session wants this instance, and SWEEP_DRY_RUN keeps sweeps from ending any.',
  over_limit:
    'No session wants this instance, and more were found like it than DESTROY_LIMIT_PER_SWEEP lets one sweep end: the database may have been restored, lost or exchanged.',
  not_launched_here:
    'This instance was made under our tag while this broker ran, and not by this broker: another one may be at work with the same DEPLOYMENT_ID, and a session of that one may need it.',
};

/** Why it is here, and what the operator can do. */
function messageOf({ id, state, heldFor }: Orphan): string {
  const path = `/orphans/${encodeURIComponent(id)}`;
  switch (state) {
    case 'ending':
      return 'No session wants this instance. It is asked to end, at least each minute, until the provider says that it does not exist. Where terminate_attempts grows and it stays, look at why the provider refuses.';
    case 'ignored':
      return `No session wants this instance, and somebody has said to leave it alone. It costs money until it ends; POST ${path}/terminate ends it.`;
    case 'held':
      assert(heldFor, 'a held orphan says what it is held for');
      return `${WHY_HELD[heldFor]} It costs money until it ends: POST ${path}/terminate ends it, POST ${path}/ignore leaves it alone.`;
  }
}
