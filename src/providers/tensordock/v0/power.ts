import { ProviderFailure } from '../../../domain/errors.ts';
import type { ProviderInstanceId } from '../../../domain/ids.ts';
import type { CallSubject, PowerSwitch } from '../../../ports/provider.ts';
import { phaseOf } from '../phase.ts';
import type { V0Client } from './client.ts';
import { isReleased } from './observation.ts';
import type { SpotDesk } from './spot-desk.ts';

/**
 * Both calls refuse a machine that is where they would bring it, in words that nobody has seen. What the machine shows
 * after a refusal decides, not the words.
 */
export function powerSwitch(
  clientFor: (about?: CallSubject) => V0Client,
  spot: SpotDesk,
): PowerSwitch {
  return {
    stop: (id, about) => {
      const client = clientFor(about);
      return asked(client, id, { ask: client.stop, isDone: isReleased });
    },
    start: async (id, bid, about) => {
      const client = clientFor(about);
      if (bid) await assertTaken(() => spot.assertStillTaken(id, bid, about));
      await asked(client, id, { ask: client.start, isDone: isUp });
    },
  };
}

/** Only a no keeps a machine from being asked to start: where the question is not answered, the start itself will be. */
async function assertTaken(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof ProviderFailure) || error.kind === 'no_capacity') throw error;
  }
}

interface Asking {
  readonly ask: (id: ProviderInstanceId) => Promise<void>;
  readonly isDone: (status: string) => boolean;
}

async function asked(client: V0Client, id: ProviderInstanceId, asking: Asking): Promise<void> {
  try {
    await asking.ask(id);
  } catch (error) {
    if (!isOfDoubtfulWords(error)) throw error;
    const status = await statusOf(client, id);
    if (status === undefined || !asking.isDone(status)) throw error;
  }
}

/** The API said no, for a reason that is not told by its kind. */
function isOfDoubtfulWords(error: unknown): boolean {
  return (
    error instanceof ProviderFailure &&
    error.outcome === 'not_done' &&
    (error.kind === 'unavailable' || error.kind === 'invalid')
  );
}

/** Undefined as well when it cannot be looked at: then the refusal stands. */
async function statusOf(client: V0Client, id: ProviderInstanceId): Promise<string | undefined> {
  try {
    return (await client.machine(id))?.row.status;
  } catch (error) {
    if (error instanceof ProviderFailure) return undefined;
    throw error;
  }
}

function isUp(status: string): boolean {
  const phase = phaseOf(status);
  return phase === 'running' || phase === 'starting';
}
