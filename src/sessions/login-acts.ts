import { ProviderFailure } from '../domain/errors.ts';
import {
  recordHostKeyChanged,
  recordLoginLost,
  recordLoginWorks,
  recordUnreachable,
} from '../domain/lifecycle/logins.ts';
import { isLookedInto } from '../domain/lifecycle/looking.ts';
import { recordAccess } from '../domain/lifecycle/serving.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Look, Misses } from './look.ts';
import { paceOf, type StepParts, setPace, type Target } from './step-parts.ts';

/** A login that did not work is tried again after this, and not only an interval later. */
const RECHECK_MS = 30 * SECOND_MS;
/** Refusals in a row that are no accident: an SSH server that restarts refuses one. */
const REFUSALS = 2;
/** Connections in a row that do not get through before that is told of: networks have bad minutes. */
const SILENCES = 3;
/** The key is put back this often for one loss, with longer and longer pauses; a machine that still refuses will not change. */
const MAX_GRANTS = 8;
const FIRST_GRANT_PAUSE_MS = MINUTE_MS;
const LONGEST_GRANT_PAUSE_MS = 30 * MINUTE_MS;
/** A marketplace takes 10 to 15 seconds to bring a key to its machine. */
const KEY_TRAVEL_MS = 20 * SECOND_MS;

/** Whether the broker still gets in, and what follows where it does not. */
export async function takeInLogin(parts: StepParts, target: Target, look: Look): Promise<void> {
  const { book } = parts;
  const { session, position } = target;
  const { inspection, startedAt, endedAt } = look;
  switch (inspection.kind) {
    case 'logged_in':
    case 'key_accepted':
      return noteLogin(parts, target, endedAt);
    case 'auth_refused': {
      const { times, since } = noteMiss(parts, target, { kind: 'refused', at: startedAt });
      if (times < REFUSALS) return recheck(parts, target);
      const lost = await book.update(session.id, recordLoginLost(position, { at: endedAt, since }));
      if (lost) parts.wake(session.id);
      return;
    }
    case 'unreachable':
    case 'timed_out': {
      const { times, since } = noteMiss(parts, target, { kind: 'unreachable', at: startedAt });
      if (times < SILENCES) return recheck(parts, target);
      await book.update(session.id, recordUnreachable(position, since));
      return;
    }
    case 'host_key_changed': {
      const found = inspection.hostKey;
      await book.update(session.id, recordHostKeyChanged(position, { at: endedAt, found }));
    }
  }
}

/**
 * Puts the session's key back, beside the steps: an end does not stand behind a narrow rate gate for this. The next look, when
 * the key had time to arrive, tells whether it did.
 */
export function restoreAccess(parts: StepParts, target: Target): void {
  const { session, instance, position, site } = target;
  const { book, clock, grants, wake } = parts;
  const id = instance.providerInstanceId;
  if (id === undefined) return;
  planGrant(parts, target);
  if (site.provider.keysAtLaunchOnly) return;
  grants.start(session.id, {
    call: async () => {
      // It waited for its turn: by now the session may end, or somebody else answer at the machine's address.
      const now = await book.load(session.id);
      const row = now?.instances[position];
      if (!now || !row || !isLookedInto(now, row) || row.loginLostAt === undefined)
        return 'not_wanted';
      return site.provider
        .grantAccess(id, session.publicKey, { tag: row.tag })
        .then(() => 'granted' as const, asFailure);
    },
    take: async (outcome) => {
      if (outcome !== 'granted') return;
      const at = clock.now();
      await book.update(session.id, recordAccess(position, at));
      setPace(parts, session.id, { probeNotBefore: at + KEY_TRAVEL_MS });
      wake(session.id);
    },
  });
}

/** The row comes first: as long as it says that the key is lost, what keeps it from being put back over and over stays. */
async function noteLogin(parts: StepParts, { session, position }: Target, at: EpochMs) {
  await parts.book.update(session.id, recordLoginWorks(position, at));
  setPace(parts, session.id, { misses: undefined, grants: 0, grantNotBefore: 0 });
}

function noteMiss(
  parts: StepParts,
  { session }: Target,
  { kind, at }: { readonly kind: Misses['kind']; readonly at: EpochMs },
): Misses {
  const { misses } = paceOf(parts, session.id);
  const former = misses?.kind === kind ? misses : { times: 0, since: at };
  const next = { kind, times: former.times + 1, since: former.since };
  setPace(parts, session.id, { misses: next });
  return next;
}

function recheck(parts: StepParts, { session }: Target): void {
  const soonest = parts.clock.now() + RECHECK_MS;
  const { probeNotBefore = soonest } = paceOf(parts, session.id);
  setPace(parts, session.id, { probeNotBefore: Math.min(probeNotBefore, soonest) });
  parts.wake(session.id);
}

function planGrant(parts: StepParts, { session }: Target): void {
  const grants = (paceOf(parts, session.id).grants ?? 0) + 1;
  const pauseMs = Math.min(FIRST_GRANT_PAUSE_MS * 2 ** (grants - 1), LONGEST_GRANT_PAUSE_MS);
  const isLast = grants >= MAX_GRANTS;
  const grantNotBefore = isLast ? Number.POSITIVE_INFINITY : parts.clock.now() + pauseMs;
  setPace(parts, session.id, { grants, grantNotBefore });
}

function asFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  throw error;
}
