import { type Instance, isFinalInstance } from '../../../src/domain/instance.ts';
import { isTerminalStatus, type Session } from '../../../src/domain/session.ts';
import { clockSlackMs } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

/**
 * What is removed for its age is needed by nobody: it is over, no machine of it is left at the market, no meter runs, its bill is in or is
 * waited for no more, and nobody has to decide about anything under its tags.
 */
export const removedWhenDone: Checker = {
  name: 'only what nobody needs is removed',
  onRemoval: (evidence, session) => {
    const problem = problemOf(evidence, session);
    return problem === undefined ? undefined : `${session.id} was removed and ${problem}`;
  },
};

function problemOf(evidence: Evidence, session: Session): string | undefined {
  const { status, stoppedAt, instances } = session;
  if (!isTerminalStatus(status)) return `was ${status}`;
  if (isYoung(evidence, stoppedAt)) return 'had not been kept for long enough';
  return instances.map((row) => machineProblem(evidence, row)).find(Boolean);
}

function machineProblem(evidence: Evidence, row: Instance): string | undefined {
  const { market, books, doubledTags } = evidence;
  if (!isFinalInstance(row.state)) return `its machine was ${row.state}`;
  if (isYoung(evidence, row.goneAt)) return 'its machine had not been gone for long enough';
  if (row.costs.some(({ endedAt }) => endedAt === undefined)) return 'its meter ran';
  const standing = market
    .instances()
    .find(({ label, goneAt }) => label === row.tag && goneAt === null);
  if (standing && !doubledTags.has(row.tag)) return `${standing.id} stands at the market`;
  if (books.orphans.some(({ tag }) => tag === row.tag)) return 'somebody has to decide about it';
  return billProblem(evidence, row);
}

/** Rows that were never charged for have no bill. */
function billProblem(evidence: Evidence, row: Instance): string | undefined {
  const { books, plan, brokerNow } = evidence;
  const { providerInstanceId, goneAt } = row;
  if (providerInstanceId === undefined || goneAt === undefined) return undefined;
  const { chargesAskedForMs, chargesSettleMs } = plan.policy;
  if (goneAt + chargesAskedForMs - clockSlackMs(plan) <= brokerNow()) return undefined;
  const charge = books.charge(providerInstanceId);
  if (charge && charge.readAt >= goneAt + chargesSettleMs) return undefined;
  return 'its bill was still waited for';
}

function isYoung({ plan, brokerNow }: Evidence, at: number | undefined): boolean {
  const { sessionsKeptMs = Number.POSITIVE_INFINITY } = plan.policy;
  return at !== undefined && at > brokerNow() - sessionsKeptMs + clockSlackMs(plan);
}
