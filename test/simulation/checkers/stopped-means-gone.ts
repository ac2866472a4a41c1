import { isTerminalStatus } from '../../../src/domain/session.ts';
import { describe } from '../books.ts';
import type { Checker } from './violation.ts';

/** A session says `stopped` or `failed` only when the provider no longer has the instances that its rows know. */
export const stoppedMeansGone: Checker = {
  name: 'stopped means gone',
  onCommit: ({ market }, session, before) => {
    const isFirst = before !== undefined && !isTerminalStatus(before.status);
    if (!isFirst || !isTerminalStatus(session.status)) return undefined;
    const ids = session.instances.map((instance) => instance.providerInstanceId);
    const alive = market
      .instances()
      .find((instance) => ids.includes(instance.id) && instance.state !== 'gone');
    return alive && `${session.id} is ${session.status} while ${describe(alive)} lives`;
  },
};
