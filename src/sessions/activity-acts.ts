import type { ActivityRecord } from '../domain/activity/activity.ts';
import { type Finding, judge } from '../domain/activity/judge.ts';
import { nextLookAt } from '../domain/activity/look-times.ts';
import type { DatedReading } from '../domain/activity/rates.ts';
import { type Evidence, recordEvidence } from '../domain/idleness.ts';
import type { Session } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Look } from './look.ts';
import { paceOf, type StepParts, setPace, type Target } from './step-parts.ts';

/** What taking in a look needs. */
export interface ActivityParts
  extends Pick<StepParts, 'activity' | 'paces' | 'policy' | 'unheard' | 'wake'> {
  readonly book: Pick<StepParts['book'], 'load' | 'update'>;
  readonly store: Pick<StepParts['store'], 'activityOf' | 'saveActivity'>;
}

type LookedAt = Pick<Target, 'session' | 'instance'>;

/** Records that are read back after a start, for one with a reading: agents write some, and looks that failed have none. */
const MAX_READ_BACK = 20;

/**
 * What a look says of work on the machine. Where idleness ends nothing it is kept in memory, for whoever asks how the machine is;
 * else it is evidence, and written down with the readings that led to it.
 */
export async function takeInActivity(
  parts: ActivityParts,
  target: LookedAt,
  look: Look,
): Promise<void> {
  const { book, activity } = parts;
  // Without the private key nothing can be looked at: the agent alone is listened to.
  if (look.inspection.kind === 'key_accepted') return;
  const session = await book.load(target.session.id);
  if (session?.status !== 'running') return;
  const before = await readingBefore(parts, session);
  const after = readingOf(target, look);
  const finding = after ? judge(before, after, parts.policy.heartbeatGapMs) : LOOK_FAILED;
  const record = recordOf(session, { look, after, finding });
  activity.note(session.id, { look: record, ...(after ? { reading: after } : {}) });
  if (session.request.idleThresholdMinutes === 0) return;
  await conclude(parts, session, { record, since: before?.at });
}

const LOOK_FAILED: Finding = {
  verdict: 'active',
  because: [{ reason: 'look_failed' }],
  rates: undefined,
};

/** The reading before this one: after a restart it is in the store. */
async function readingBefore(
  { activity, store }: ActivityParts,
  { id, request }: Session,
): Promise<DatedReading | undefined> {
  const { look, reading } = activity.of(id);
  if (look !== undefined || request.idleThresholdMinutes === 0) return reading;
  const records = await store.activityOf(id, MAX_READ_BACK);
  const last = records.find((record) => record.reading !== undefined);
  return last?.reading && { ...last.reading, at: last.at };
}

function readingOf(
  { instance }: LookedAt,
  { inspection, endedAt }: Look,
): DatedReading | undefined {
  if (inspection.kind !== 'logged_in') return undefined;
  const { gpus: told, isGpuListCut, work } = inspection.report;
  // One that is missing from a list that was cut off may be the busy one.
  const gpus = isGpuListCut ? undefined : told;
  return { at: endedAt, attempt: instance.attempt, gpus, work };
}

function recordOf(
  { id }: Session,
  found: {
    readonly look: Look;
    readonly after: DatedReading | undefined;
    readonly finding: Finding;
  },
): ActivityRecord {
  const { look, after, finding } = found;
  const { verdict, because, rates } = finding;
  const { at: _at, ...reading } = after ?? { at: 0 };
  return {
    sessionId: id,
    at: look.endedAt,
    source: 'probe',
    verdict,
    because,
    ...('attempt' in reading ? { reading } : {}),
    ...(rates ? { rates } : {}),
  };
}

/** The decision is kept first: what was concluded from what nobody can read again is not acted on. */
async function conclude(
  parts: ActivityParts,
  session: Session,
  found: { readonly record: ActivityRecord; readonly since: EpochMs | undefined },
): Promise<void> {
  const { store, book, policy, unheard, wake } = parts;
  const { record } = found;
  const listening = { isUnbroken: !unheard.has(session.id), policy };
  const evidence = evidenceOf(parts, found);
  try {
    await store.saveActivity(record);
    const stored = await book.update(session.id, recordEvidence(evidence, listening));
    if (!listening.isUnbroken) unheard.delete(session.id);
    planNextLook(parts, stored ?? session, record.at);
  } catch (error) {
    unheard.add(session.id);
    throw error;
  }
  wake(session.id);
}

/** An idle look speaks for the time since the one before it, but for what the agent has said meanwhile. */
function evidenceOf(
  { activity }: ActivityParts,
  found: { readonly record: ActivityRecord; readonly since: EpochMs | undefined },
): Evidence {
  const { sessionId, at, verdict } = found.record;
  if (verdict === 'active') return { kind: 'work', at };
  const { workToldAt = 0 } = activity.of(sessionId);
  const { since = at } = found;
  return { kind: 'no_work', at, since: workToldAt < since ? since : at };
}

function planNextLook(parts: ActivityParts, session: Session, at: EpochMs): void {
  const planned = nextLookAt(session, at, parts.policy);
  const { probeNotBefore = planned } = paceOf(parts, session.id);
  setPace(parts, session.id, { probeNotBefore: Math.min(planned, probeNotBefore) });
}
