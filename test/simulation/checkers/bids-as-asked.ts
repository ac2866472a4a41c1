import { MICRO_PER_USD } from '../../../src/domain/money.ts';
import { currentInstance } from '../../../src/domain/session.ts';
import type { Checker } from './violation.ts';

/** Whoever bids gets a machine by bid, and pays no more than the bid for it; whoever does not gets none that a bid takes away. */
export const bidsAsAsked: Checker = {
  name: 'a bid is what was asked for',
  onCommit: ({ market }, session, before) => {
    if (session.status !== 'running' || before?.status === 'running') return undefined;
    const { bidPerHour } = session.request;
    const machine = market.instance(currentInstance(session)?.providerInstanceId ?? '');
    if (!machine) return undefined;
    if (machine.interruptible !== (bidPerHour !== undefined)) {
      return `${session.id} runs ${machine.interruptible ? 'by a bid' : 'on demand'}, and asked for the other`;
    }
    const gpuMicroUsd = market.rate(machine.id).gpu * MICRO_PER_USD;
    return bidPerHour !== undefined && gpuMicroUsd > bidPerHour + 1
      ? `${session.id} bid ${bidPerHour} micro-dollars an hour and pays ${gpuMicroUsd}`
      : undefined;
  },
};
