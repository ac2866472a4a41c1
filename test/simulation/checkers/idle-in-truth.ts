import { currentInstance, type Session } from '../../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { clockSlackMs } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

/** From the last look's answer to the commit of the end. What begins in between is nobody's to know. */
const LOOK_TAKES_MS = 20 * SECOND_MS;

/**
 * No session ends as idle on whose machine anything was really going on within its threshold, by the marketplace's truth and not
 * by what was read; nor one whose agent has said within it, to a broker that lives, that there is work.
 */
export const idleInTruth: Checker = {
  name: 'no session ends as idle while there is work',
  onCommit: (evidence, session, before) => {
    if (session.stopReason !== 'idle' || before?.stopReason !== undefined) return undefined;
    if (session.request.idleThresholdMinutes === 0) return `${session.id} has no threshold`;
    return worked(evidence, session) ?? wasSaidToWork(evidence, session);
  },
};

function worked({ market, now, plan }: Evidence, session: Session): string | undefined {
  const row = currentInstance(session);
  const id = row?.providerInstanceId ?? '';
  const until = now() - LOOK_TAKES_MS;
  const since = now() - thresholdMs(session) + clockSlackMs(plan);
  // Nobody looks into a server, or into what may be a stranger's machine: there the agent alone is asked, and believed.
  const isSeen = session.request.workload.kind === 'ssh' && row?.hostKeyChangedAt === undefined;
  if (!isSeen || since >= until) return undefined;
  return market.hasWorked(id, since, until)
    ? `${session.id} ended as idle, and ${market.machine(id)?.activity.name ?? 'work'} went on within ${thresholdMs(session)} ms`
    : undefined;
}

function wasSaidToWork(
  { wordsOf, now, upSince = 0, plan }: Evidence,
  session: Session,
): string | undefined {
  const since = now() - thresholdMs(session) + clockSlackMs(plan);
  const word = wordsOf(session.id).findLast(({ isWork, at }) => isWork && at < now());
  return word && word.at > since && word.at >= upSince
    ? `${session.id} ended as idle ${now() - word.at} ms after its agent said that there is work`
    : undefined;
}

function thresholdMs({ request }: Session): number {
  return request.idleThresholdMinutes * MINUTE_MS;
}
