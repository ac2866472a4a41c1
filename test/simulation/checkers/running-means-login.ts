import { currentInstance } from '../../../src/domain/session.ts';
import type { Checker } from './violation.ts';

/** Promise 6: at the moment that a session says `running`, its key opens its machine. */
export const runningMeansLogin: Checker = {
  name: 'running means a login that works',
  onCommit: ({ market }, session, before) => {
    if (session.status !== 'running' || before?.status === 'running') return undefined;
    if (session.request.workload.kind !== 'ssh') return undefined;
    const row = currentInstance(session);
    if (!row?.address) return `${session.id} is running without an address`;
    const answer = market.knock({ ...row.address, publicKey: session.publicKey });
    if (answer.kind !== 'open') {
      // A machine may die in the instant after the proof; then it no longer runs at all.
      const instance = market.instance(row.providerInstanceId ?? '');
      return instance?.state === 'running'
        ? `${session.id} is running and its login is ${answer.kind}`
        : undefined;
    }
    return answer.instance.id === row.providerInstanceId
      ? undefined
      : `${session.id} logs in to ${answer.instance.id}, not to ${row.providerInstanceId ?? 'nothing'}`;
  },
};
