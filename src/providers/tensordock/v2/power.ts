import { ProviderFailure } from '../../../domain/errors.ts';
import type { ProviderInstanceId } from '../../../domain/ids.ts';
import type { InstancePhase } from '../../../domain/instance.ts';
import type { CallSubject, PowerSwitch } from '../../../ports/provider.ts';
import { phaseOf } from '../phase.ts';
import type { V2Client } from './client.ts';

/**
 * The stop that this API documents says nothing of the GPUs: it keeps the disk, and whether anything is given back, or costs
 * less, nobody knows. Its offers are therefore not called preservable.
 */
export function createV2Power(clientFor: (about?: CallSubject) => V2Client): PowerSwitch {
  return {
    stop: (id, about) => {
      const client = clientFor(about);
      return unlessThere(client, { id, ask: client.stop, there: ['stopping', 'stopped'] });
    },
    start: (id, _bid, about) => {
      const client = clientFor(about);
      return unlessThere(client, { id, ask: client.start, there: ['starting', 'running'] });
    },
  };
}

interface Switching {
  readonly id: ProviderInstanceId;
  readonly ask: (id: ProviderInstanceId) => Promise<void>;
  /** Phases in which what is asked for is the case or under way. */
  readonly there: readonly InstancePhase[];
}

/** A machine that is where it should be refuses to be asked again. What it is, and not the words of the refusal, tells. */
async function unlessThere(client: V2Client, { id, ask, there }: Switching): Promise<void> {
  try {
    await ask(id);
  } catch (error) {
    if (!(error instanceof ProviderFailure) || error.kind !== 'invalid') throw error;
    const row = await client.instance(id).catch(() => undefined);
    if (!row) throw error;
    const phase = phaseOf(row.status);
    if (there.includes(phase)) return;
    throw new ProviderFailure({
      kind: 'unavailable',
      outcome: 'not_done',
      detail: `${error.detail}, the machine is ${phase}`,
      cause: error,
    });
  }
}
