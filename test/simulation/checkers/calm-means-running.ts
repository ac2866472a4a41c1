import type { Instance } from '../../../src/domain/instance.ts';
import { currentInstance, type Session } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { Checker, Evidence } from './violation.ts';

/** The slowest boot of a good host, its key, and the wait behind everybody else's launch calls. */
const READY_WITHIN_MS = 8 * MINUTE_MS;
/** The same, with the driver that a fresh machine lacks, and a reboot for it. */
const GPUS_WITHIN_MS = 20 * MINUTE_MS;
/** The same, with what a fresh machine lacks for a container, and a model's download. */
const SERVES_WITHIN_MS = 23 * MINUTE_MS;

/** Liveness: where nothing goes wrong, a launch that was accepted becomes a running session in the stated time. */
export const calmMeansRunning: Checker = {
  name: 'in a calm world a session comes to run',
  onCommit: ({ plan }, session) => {
    const row = plan.isCalm ? currentInstance(session) : undefined;
    const isFirstRun = row?.launchedAt !== undefined && row.resumedAt === undefined;
    return isFirstRun && row.failure && session.stopAskedAt === undefined
      ? `${session.id} lost attempt ${row.attempt} to ${row.failure.code}`
      : undefined;
  },
  onTick: (evidence) => {
    if (!evidence.plan.isCalm) return undefined;
    const late = evidence.books.sessions.find((session) => isLate(evidence, session));
    return late && `${late.id} is still ${late.status} ${allowedMs(late)} ms after its launch`;
  },
};

function isLate({ brokerNow }: Evidence, session: Session): boolean {
  if (session.status !== 'provisioning' && session.status !== 'pending') return false;
  const row: Instance | undefined = currentInstance(session);
  return row !== undefined && brokerNow() - (row.resumedAt ?? row.intendedAt) > allowedMs(session);
}

function allowedMs({ request }: Session): number {
  if (request.workload.kind !== 'ssh') return SERVES_WITHIN_MS;
  return request.readiness === 'gpu' ? GPUS_WITHIN_MS : READY_WITHIN_MS;
}
