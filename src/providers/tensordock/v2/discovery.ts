import { ProviderFailure } from '../../../domain/errors.ts';
import { HOUR_MS, MINUTE_MS } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { V2Client } from './client.ts';
import type { Hostnode } from './hostnode-wire.ts';
import type { Seen } from './sites.ts';

/** Reads what is on offer from both discovery calls; either may fail without the other. */
export interface Discovery {
  read(): Promise<Seen>;
  /** Whether hosts may be picked by us at the moment. */
  isHostTrusted(): boolean;
  /** A create at a host was refused as if there were no such thing: for some time the location picks. */
  distrustHosts(): void;
}

/** An endpoint that is not there, or not for us, is not asked for every minute. */
const ASK_AGAIN_MS = 10 * MINUTE_MS;
const DISTRUST_MS = 6 * HOUR_MS;

/** Failures that will not have passed by the next minute. */
const LASTING: readonly string[] = ['not_found', 'unauthorized', 'invalid', 'malformed'];

export function createDiscovery(client: V2Client, clock: Clock): Discovery {
  let trustedFromMs = 0;
  let askFromMs = 0;
  const isHostTrusted = (): boolean => clock.monotonicMs() >= trustedFromMs;
  const hostnodes = async (): Promise<readonly Hostnode[]> => {
    if (!isHostTrusted() || clock.monotonicMs() < askFromMs) return [];
    try {
      return await client.hostnodes();
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      if (LASTING.includes(error.kind)) askFromMs = clock.monotonicMs() + ASK_AGAIN_MS;
      return [];
    }
  };
  return {
    isHostTrusted,
    distrustHosts: () => {
      trustedFromMs = clock.monotonicMs() + DISTRUST_MS;
    },
    read: async () => {
      const [listed, hosts] = await Promise.all([listedBy(client, clock), hostnodes()]);
      // Hosts stand in for locations that failed; without either there is a failure, and never an empty menu.
      if (listed.failure && hosts.length === 0) throw listed.failure;
      return { ...listed, hostnodes: hosts.length === 0 ? undefined : hosts };
    },
  };
}

interface Listed extends Pick<Seen, 'at' | 'locations'> {
  readonly failure?: ProviderFailure;
}

async function listedBy(client: V2Client, clock: Clock): Promise<Listed> {
  try {
    const locations = await client.locations();
    return { at: clock.now(), locations };
  } catch (failure) {
    if (failure instanceof ProviderFailure) return { at: clock.now(), locations: [], failure };
    throw failure;
  }
}
