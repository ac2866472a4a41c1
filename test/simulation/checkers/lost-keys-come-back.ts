import { currentInstance } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { PastMishap } from '../../../src/simulator/inner-life.ts';
import type { Plan } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

/** Beside the interval between looks: a second refusal, the call that puts the key back, and its way to the machine. */
const RESTORED_WITHIN_MS = 3 * MINUTE_MS;

/** Liveness: where the API and the network work, a login that was lost works again soon after the next look. */
export const lostKeysComeBack: Checker = {
  name: 'lost keys are put back',
  onTick: (evidence) => {
    const { undisturbedSince, now, plan, market, books } = evidence;
    if (undisturbedSince === undefined || !isFaultless(plan)) return undefined;
    const withinMs = plan.policy.loginCheckMs + RESTORED_WITHIN_MS;
    if (now() - undisturbedSince < withinMs) return undefined;
    const lost = market
      .mishaps()
      .filter(({ kind, at }) => kind === 'keys lost' && now() - at > withinMs);
    for (const session of books.sessions) {
      const row = currentInstance(session);
      if (session.status !== 'running' || session.stopAskedAt !== undefined || !row?.address)
        continue;
      if (session.request.workload.kind !== 'ssh') continue;
      const mishap = lost.findLast(({ id }) => id === row.providerInstanceId);
      if (!mishap || isOtherwiseAway(evidence, mishap)) continue;
      const { kind } = market.knock({ ...row.address, publicKey: session.publicKey });
      if (kind === 'auth_failed')
        return `${session.id} lost its key at ${mishap.at}, and has not got it back`;
    }
    return undefined;
  },
};

/** Whatever else befell the machine keeps everybody out, or lets nobody look. */
function isOtherwiseAway({ market }: Evidence, { id }: PastMishap): boolean {
  return market.mishaps().some((other) => other.id === id && other.kind !== 'keys lost');
}

function isFaultless({ faults, shell, fogs, quirks }: Plan): boolean {
  const { latencyMs: _slow, outages, ...rates } = faults;
  const isQuiet = outages.length === 0 && fogs.length === 0 && shell.drops === 0;
  return (
    isQuiet &&
    quirks.v2SporadicUnauthorized === 0 &&
    Object.values(rates).every((value) => value === 0)
  );
}
