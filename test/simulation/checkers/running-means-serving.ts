import { currentInstance } from '../../../src/domain/session.ts';
import type { WorkloadReply } from '../../../src/simulator/model.ts';
import type { Checker } from './violation.ts';

/** Promise 6 for servers: at the moment that a session says `running`, its own workload answers at its endpoint. */
export const runningMeansServing: Checker = {
  name: 'running means a server that answers',
  onCommit: ({ market }, session, before) => {
    const { workload } = session.request;
    if (workload.kind !== 'entrypoint') return undefined;
    if (session.status !== 'running' || before?.status === 'running') return undefined;
    const { endpoint, providerInstanceId = '' } = currentInstance(session) ?? {};
    if (!endpoint) return `${session.id} is running without an endpoint`;
    const instance = market.instance(providerInstanceId);
    // A machine may die in the instant after the proof; then it no longer runs at all.
    if (instance?.state !== 'running') return undefined;
    const isItsOwn = instance.openPorts.some(
      ({ host, externalPort, internalPort }) =>
        host === endpoint.host &&
        externalPort === endpoint.port &&
        internalPort === workload.ports[0],
    );
    if (!isItsOwn) return `${session.id} is served from ${endpoint.host}, which is not its machine`;
    const reply = market.visit({ ...endpoint, path: workload.model ? '/health' : '/' });
    return isGood(reply, workload.model === undefined)
      ? undefined
      : `${session.id} is running and its workload says ${JSON.stringify(reply)}`;
  },
};

/** A server of models has to say that it is well; of another program an answer that is no failure is enough. */
function isGood(reply: WorkloadReply, isAnyProgram: boolean): boolean {
  if (reply.kind !== 'answers') return false;
  return isAnyProgram ? reply.status < 500 : reply.status === 200;
}
