import type { Instance } from '../../domain/instance.ts';
import { reasonOfLoss } from '../../domain/lifecycle/decide.ts';
import { loginTroubleOf } from '../../domain/lifecycle/logins.ts';
import { interruptionOf } from '../../domain/search.ts';
import type { Session } from '../../domain/session.ts';
import { MINUTE_MS, toRfc3339 } from '../../domain/time.ts';

/** What the market and the machine have done to a session that goes on. */
export function watchedView(session: Session, current: Instance | undefined) {
  return {
    on_interruption: session.request.replaces ? ('replace' as const) : undefined,
    login: loginView(session, current),
    interruption: interruptionView(session),
  };
}

/** Only of a machine that can be logged in to. */
function loginView({ status, request }: Session, current: Instance | undefined) {
  const isShown = status === 'running' && request.workload.kind === 'ssh';
  if (!isShown || current?.address === undefined) return undefined;
  const trouble = loginTroubleOf(current);
  if (!trouble) return { status: 'ok' as const };
  return { status: trouble.state, since: toRfc3339(trouble.since) };
}

function interruptionView(session: Session) {
  const { interruptedAt, leftMs = 0, stopAskedAt } = session;
  const taken = interruptionOf(session);
  if (interruptedAt === undefined || !taken || stopAskedAt !== undefined) return undefined;
  return {
    since: toRfc3339(interruptedAt),
    reason: reasonOfLoss(taken.code),
    left_minutes: Math.floor(leftMs / MINUTE_MS),
  };
}
