import { currentInstance } from '../../../src/domain/session.ts';
import type { Checker } from './violation.ts';

/**
 * Promise 6: whoever asked for it runs on the cards that were offered, all of them, with a driver that works. Held against what is
 * built in, whatever the machine or anybody else says of it.
 */
export const runningMeansOffered: Checker = {
  name: 'running means the GPUs that were offered',
  onCommit: ({ market }, session, before) => {
    if (session.status !== 'running' || before?.status === 'running') return undefined;
    const { readiness, workload } = session.request;
    if (readiness !== 'gpu' || workload.kind !== 'ssh') return undefined;
    const machine = market.machine(currentInstance(session)?.providerInstanceId ?? '');
    // A machine may be taken away in the instant after the proof.
    if (machine?.instance.state !== 'running') return undefined;
    const { gpu: offered } = machine.instance.host;
    const isSame = machine.gpu.smiName === offered.smiName && machine.gpu.vramMb === offered.vramMb;
    const isAll = machine.gpuCount === machine.instance.gpuCount;
    return isSame && isAll && machine.driver.kind === 'works'
      ? undefined
      : `${session.id} runs on ${machine.gpuCount} × ${machine.gpu.smiName} (${machine.gpu.vramMb} MB, driver ${machine.driver.kind}), offered ${machine.instance.gpuCount} × ${offered.smiName} (${offered.vramMb} MB)`;
  },
};
