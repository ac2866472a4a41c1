import { currentInstance, type Session } from '../../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import type { Checker, Evidence } from './violation.ts';

/** A look, the turn that it waits for, and a step. */
const SLACK_MS = 45 * SECOND_MS;

/**
 * Liveness: where nothing goes wrong, a session on whose machine nothing goes on ends within its threshold, one interval between
 * looks and the grace of the warning.
 */
export const idleEndsInTime: Checker = {
  name: 'in a calm world an idle session ends in time',
  onTick: (evidence) => {
    if (!evidence.plan.isCalm) return undefined;
    const late = evidence.books.sessions.find((session) => isLate(evidence, session));
    return (
      late &&
      `${late.id} still runs, and nothing has gone on there for ${limitMs(evidence, late)} ms`
    );
  },
};

function isLate(evidence: Evidence, session: Session): boolean {
  const { market, now, wordsOf } = evidence;
  const { request, status, runningAt, stopAskedAt } = session;
  if (status !== 'running' || stopAskedAt !== undefined || runningAt === undefined) return false;
  if (request.idleThresholdMinutes === 0 || request.workload.kind !== 'ssh') return false;
  const since = now() - limitMs(evidence, session);
  const id = currentInstance(session)?.providerInstanceId ?? '';
  const machine = market.machine(id);
  // Whose cards cannot be read may be working, for all that anybody knows.
  const isReadable = machine?.driver.kind === 'works' && machine.gpuCount > 0;
  const isSpoken = wordsOf(session.id).some(({ at, isWork }) => isWork && at > since);
  return isReadable && runningAt < since && !isSpoken && !market.hasWorked(id, since, now());
}

/** The grace is part of the threshold where the warning comes in time; the first look of all says nothing by itself. */
function limitMs({ plan }: Evidence, { request }: Session): number {
  const thresholdMs = request.idleThresholdMinutes * MINUTE_MS;
  const { idleCheckMs, idleGraceMs } = plan.policy;
  return thresholdMs + 2 * idleCheckMs + Math.min(idleGraceMs, thresholdMs / 3) + SLACK_MS;
}
