import type { ActivityRecord } from '../domain/activity/activity.ts';
import type { SessionId } from '../domain/ids.ts';
import { isFinalInstance } from '../domain/instance.ts';
import { currentInstance, type Session } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { ActivityMemory } from './activity-memory.ts';

/** What is known of the work on rented machines. Changes nothing. */
export interface ActivityService {
  /** The latest decisions about a session, newest first; undefined when there is no such session. */
  read(id: SessionId, limit: number): Promise<SessionActivity | undefined>;
}

export interface SessionActivity {
  readonly session: Session;
  readonly records: readonly ActivityRecord[];
}

interface ReaderParts {
  readonly store: Pick<Store, 'load' | 'activityOf'>;
  readonly activity: ActivityMemory;
}

/** Of a session without a threshold nothing is written down, and the latest look is all there is. */
export function activityReader({ store, activity }: ReaderParts): ActivityService {
  return {
    read: async (id, limit) => {
      const session = await store.load(id);
      if (!session) return undefined;
      const stored = await store.activityOf(id, limit);
      const { look } = activity.of(id);
      return { session, records: stored.length > 0 || !look ? stored : [look] };
    },
  };
}

/** What a GPU of a running session's machine showed at the latest look. */
export interface GpuFigures {
  readonly sessionId: SessionId;
  /** Counted from 0 in the driver's order. */
  readonly gpu: number;
  readonly utilizationPercent: number | undefined;
  readonly memoryUsedMb: number | undefined;
  readonly memoryTotalMb: number | undefined;
  readonly temperatureC: number | undefined;
  readonly powerW: number | undefined;
}

/** Series are kept few: a scrape of more than this is nobody's overview. */
const MAX_SESSIONS_SHOWN = 250;
const MAX_GPUS_SHOWN = 16;

export interface FiguresParts {
  readonly activity: ActivityMemory;
  readonly clock: Pick<Clock, 'now'>;
  /** A look that is older says nothing of now. */
  readonly maxAgeMs: number;
}

/** The GPUs of sessions that run, oldest sessions first. */
export function gpuFigures(
  sessions: readonly Session[],
  { activity, clock, maxAgeMs }: FiguresParts,
): readonly GpuFigures[] {
  const now = clock.now();
  return sessions
    .filter(isServed)
    .slice(0, MAX_SESSIONS_SHOWN)
    .flatMap(({ id }) => figuresOf(activity, { id, now, maxAgeMs }));
}

function isServed(session: Session): boolean {
  const current = currentInstance(session);
  return session.status === 'running' && !!current && !isFinalInstance(current.state);
}

function figuresOf(
  activity: ActivityMemory,
  asked: { readonly id: SessionId; readonly now: EpochMs; readonly maxAgeMs: number },
): readonly GpuFigures[] {
  const { reading } = activity.of(asked.id);
  if (!reading?.gpus || Math.abs(asked.now - reading.at) > asked.maxAgeMs) return [];
  return reading.gpus.slice(0, MAX_GPUS_SHOWN).map((one, gpu) => ({
    sessionId: asked.id,
    gpu,
    utilizationPercent: one.utilizationPercent,
    memoryUsedMb: one.memoryUsedMb,
    memoryTotalMb: one.memoryTotalMb,
    temperatureC: one.temperatureC,
    powerW: one.powerW,
  }));
}
