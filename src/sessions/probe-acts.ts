import type { SessionId } from '../domain/ids.ts';
import { lookIntervalMs } from '../domain/lifecycle/looking.ts';
import type { Session } from '../domain/session.ts';
import { SECOND_MS } from '../domain/time.ts';
import { takeInActivity } from './activity-acts.ts';
import { takeInLogin } from './login-acts.ts';
import type { Look } from './look.ts';
import { sessionLogin } from './session-login.ts';
import { paceOf, type StepParts, setPace, type Target } from './step-parts.ts';

/** For everything, from the connection to the last line that the machine says. */
const LOOK_DEADLINE_MS = 10 * SECOND_MS;

/**
 * Logs in to a machine that serves, beside the steps: an end that is asked for meanwhile waits for no login. The next look is
 * an interval after this one's end.
 */
export function probe(parts: StepParts, target: Target): void {
  const { shell, keys, clock, looks } = parts;
  const { session, instance } = target;
  const { address } = instance;
  if (!address) return;
  planLook(parts, session);
  looks.start(session.id, {
    call: async () => {
      const startedAt = clock.now();
      const login = sessionLogin(keys, { session, instance, address });
      const inspection = await shell.inspect(login, LOOK_DEADLINE_MS);
      return { inspection, startedAt, endedAt: clock.now() };
    },
    take: async (look) => {
      planLook(parts, session);
      await takeIn(parts, target, look);
    },
  });
}

/** Everything that is learnt from a look, each in an act of its own. The session may have moved on since the look began. */
async function takeIn(parts: StepParts, target: Target, look: Look): Promise<void> {
  try {
    await takeInLogin(parts, target, look);
    await takeInActivity(parts, target, look);
  } catch (error) {
    // What was seen and could not be written down is not to be forgotten by the next look.
    parts.unheard.add(target.session.id);
    throw error;
  }
}

/**
 * Plans a running machine's first look in this process: an interval after it was last known to work, or somewhere in the
 * interval that has begun, for after a restart all of them would be due at once.
 */
export function planFirstLook(parts: StepParts, session: Session): void {
  const { id, runningAt } = session;
  if (session.status !== 'running' || paceOf(parts, id).probeNotBefore !== undefined) return;
  const now = parts.clock.now();
  const intervalMs = lookIntervalMs(session, parts.policy);
  const isFresh = runningAt !== undefined && Math.abs(now - runningAt) < intervalMs;
  const probeNotBefore = isFresh
    ? runningAt + intervalMs
    : now + Math.round(intervalMs * shareOf(id));
  setPace(parts, id, { probeNotBefore });
}

function planLook(parts: StepParts, session: Session): void {
  const probeNotBefore = parts.clock.now() + lookIntervalMs(session, parts.policy);
  setPace(parts, session.id, { probeNotBefore });
}

/** A number from 0 to 1 that a session always has, and that has nothing to do with the next one's. */
function shareOf(id: SessionId): number {
  let mixed = 0;
  for (const letter of id)
    mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x2c1b3c6d) ^ (mixed >>> 13);
  return (Math.imul(mixed ^ (mixed >>> 15), 0x297a2d39) >>> 0) / 2 ** 32;
}
