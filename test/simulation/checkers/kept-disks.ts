import { isFinalInstance } from '../../../src/domain/instance.ts';
import { isKept } from '../../../src/domain/lifecycle/keeping.ts';
import { currentInstance, type Session } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import { describe } from '../books.ts';
import { clockSlackMs, type Plan } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

/** An API that is away, and all that was asked of it meanwhile. */
const RESTS_WITHIN_MS = 4 * MINUTE_MS;

/**
 * A disk that is kept is there until somebody has said that it may go; meanwhile its machine rests, and a session that goes
 * on does so on the same machine.
 */
export const keptDisks: Checker = {
  name: 'kept disks are kept, and rest',
  onCommit: (_evidence, session, before) => otherMachine(session, before),
  onTick: (evidence) => {
    const { undisturbedSince, now, isHealed, plan } = evidence;
    if (!(isHealed || isFaultless(plan)) || undisturbedSince === undefined) return undefined;
    if (now() - undisturbedSince < RESTS_WITHIN_MS) return undefined;
    return evidence.books.sessions.map((session) => awake(evidence, session)).find(Boolean);
  },
  onConverged: (evidence) =>
    evidence.restoredAt === undefined
      ? evidence.books.sessions.flatMap((session) => lostDisks(evidence, session))
      : [],
};

/** Every call is answered, and truly; what the market does to machines is another matter. */
function isFaultless({ faults }: Plan): boolean {
  const { latencyMs: _slow, outages, ...rates } = faults;
  return outages.length === 0 && Object.values(rates).every((value) => value === 0);
}

function otherMachine(session: Session, before: Session | undefined): string | undefined {
  const row = before && currentInstance(before);
  if (row?.resumedAt === undefined || currentInstance(session)?.attempt === row.attempt) {
    return undefined;
  }
  return `${session.id} was resumed, and went on to another machine`;
}

/** Nothing that rests for its session runs for long: it would be billed in full and serve nobody. */
function awake({ market, now }: Evidence, session: Session): string | undefined {
  const row = currentInstance(session);
  if (row?.state !== 'preserved' || !isKept(session, row)) return undefined;
  const machine = market.instance(row.providerInstanceId ?? '');
  const isAwake = machine !== undefined && AWAKE.includes(machine.state);
  return isAwake && now() - machine.stateSince > RESTS_WITHIN_MS
    ? `${session.id} is ${session.status} while ${describe(machine)} runs`
    : undefined;
}

const AWAKE: readonly SimInstance['state'][] = ['loading', 'running'];

function lostDisks({ market, plan }: Evidence, session: Session): readonly string[] {
  const { request, discardAskedAt } = session;
  if (request.keepsDisk !== true) return [];
  return session.instances.flatMap((row) => {
    const isUsed = row.runningAt !== undefined || row.resumedAt !== undefined;
    const machine = market.instance(row.providerInstanceId ?? '');
    if (!isUsed || !isFinalInstance(row.state) || machine?.endedBy !== 'renter') return [];
    const endedAt = machine.goneAt ?? 0;
    if (discardAskedAt !== undefined && endedAt + clockSlackMs(plan) >= discardAskedAt) return [];
    return [
      `${session.id}: ${describe(machine)} was ended, and nobody had said that its disk may go`,
    ];
  });
}
