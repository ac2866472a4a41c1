import type { SessionId } from '../domain/ids.ts';
import { lookIntervalMs } from '../domain/lifecycle/looking.ts';
import type { Session } from '../domain/session.ts';
import { type EpochMs, SECOND_MS } from '../domain/time.ts';
import type { Inspection } from '../ports/remote-shell.ts';
import { sessionLogin } from './session-login.ts';
import { paceOf, type StepParts, setPace, type Target } from './step-parts.ts';

/** For everything, from the connection to the last line that the machine says. */
const LOOK_DEADLINE_MS = 10 * SECOND_MS;

/** What a look into a running machine came to. Without a private key it is only asked whether the login would work. */
export interface Look {
  readonly inspection: Inspection;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
}

/**
 * Logs in to a machine that serves, beside the steps: an end that is asked for meanwhile waits for no login. The next look is
 * an interval after this one's end.
 */
export function probe(parts: StepParts, target: Target): void {
  const { shell, keys, clock, background } = parts;
  const { session, instance } = target;
  const { address } = instance;
  if (!address) return;
  const startedAt = clock.now();
  planLook(parts, session);
  background.start(`look ${session.id}`, {
    call: () => shell.inspect(sessionLogin(keys, { session, instance, address }), LOOK_DEADLINE_MS),
    take: async (inspection) => {
      planLook(parts, session);
      await takeIn(parts, target, { inspection, startedAt, endedAt: clock.now() });
    },
  });
}

/** Everything that is learnt from a look, each in an act of its own. The session may have moved on since the look began. */
async function takeIn(_parts: StepParts, _target: Target, _look: Look): Promise<void> {}

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
  const probeNotBefore = isFresh ? runningAt + intervalMs : now + intervalMs * shareOf(id);
  setPace(parts, id, { probeNotBefore });
}

function planLook(parts: StepParts, session: Session): void {
  const probeNotBefore = parts.clock.now() + lookIntervalMs(session, parts.policy);
  setPace(parts, session.id, { probeNotBefore });
}

const SHARES = 997;

/** A number from 0 to 1 that a session always has, and that has nothing to do with the next one's. */
function shareOf(id: SessionId): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % SHARES;
  return sum / SHARES;
}
