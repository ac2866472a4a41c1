import { ProviderFailure } from '../../domain/errors.ts';
import type { ProviderInstanceId } from '../../domain/ids.ts';
import type { CallSubject, PowerSwitch } from '../../ports/provider.ts';
import type { VastaiClient } from './client.ts';
import type { OwnStarts } from './own-starts.ts';

/** Calls made to withdraw one queued start; they are some seconds apart at most, as the endpoint wants. */
const MAX_WITHDRAWALS = 3;

type StateCalls = Pick<VastaiClient, 'changeState'>;
type CallsFor = (about?: CallSubject) => StateCalls;

/** Stops contracts with their disks kept, and starts them where they are. */
export function vastaiPower(callsFor: CallsFor, starts: OwnStarts): PowerSwitch {
  return {
    // Sent to what is stopped already too: it takes back a start that is queued, and a bid that waits for the price to fall.
    stop: async (id, about) => {
      await callsFor(about).changeState(id, 'stopped');
      starts.forget(id);
    },
    start: (id, _bid, about) => start(callsFor(about), starts, id),
  };
}

/** A start on GPUs that are taken stays queued, and would run and be billed whenever they come free: so it is taken back. */
async function start(client: StateCalls, starts: OwnStarts, id: ProviderInstanceId): Promise<void> {
  if ((await client.changeState(id, 'running')) === 'done') {
    starts.note(id);
    return;
  }
  await withdraw(client, id);
  throw new ProviderFailure({
    kind: 'no_capacity',
    outcome: 'not_done',
    detail: 'its GPUs are taken; the start was withdrawn',
  });
}

async function withdraw(client: StateCalls, id: ProviderInstanceId): Promise<void> {
  let cause: unknown;
  for (let tries = 0; tries < MAX_WITHDRAWALS; tries += 1) {
    try {
      await client.changeState(id, 'stopped');
      return;
    } catch (error) {
      // What does not exist starts never.
      if (error instanceof ProviderFailure && error.kind === 'not_found') throw error;
      cause = error;
    }
  }
  throw new ProviderFailure({
    kind: 'unavailable',
    outcome: 'unknown',
    detail: 'its GPUs are taken, and the queued start could not be withdrawn',
    cause,
  });
}
