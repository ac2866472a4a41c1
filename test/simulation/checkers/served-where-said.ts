import { currentInstance } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { Checker } from './violation.ts';

/** Some lists, after a machine has come up again. */
const KNOWN_WITHIN_MS = MINUTE_MS;

/** For worlds in which machines are started again: the endpoint that is shown leads to the workload where it is now. */
export const servedWhereSaid: Checker = {
  name: 'a server is where its session says',
  onTick: ({ books, market, now }) => {
    for (const session of books.sessions) {
      const { endpoint, providerInstanceId = '' } = currentInstance(session) ?? {};
      const instance = market.instance(providerInstanceId);
      const since = instance?.runningSince ?? now();
      if (session.status !== 'running' || !endpoint || now() - since < KNOWN_WITHIN_MS) continue;
      const [own] = instance?.openPorts ?? [];
      if (own?.externalPort !== endpoint.port) {
        return `${session.id} says ${endpoint.port} and is reached at ${own?.externalPort ?? 'none'}`;
      }
    }
    return undefined;
  },
};
