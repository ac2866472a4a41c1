import { type FailureKind, ProviderFailure } from '../../../domain/errors.ts';
import { MINUTE_MS } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { V2Client } from './client.ts';
import type { HostTrust } from './host-trust.ts';
import type { Hostnode } from './hostnode-wire.ts';
import type { Seen } from './sites.ts';

/** Reads what is on offer from both discovery calls; either may fail without the other. */
export interface Discovery {
  read(): Promise<Seen>;
}

/** An endpoint that is not there, or not for us, is not asked for every minute. */
const ASK_AGAIN_MS = 10 * MINUTE_MS;

/** Failures that will not have passed by the next minute. */
const LASTING: readonly FailureKind[] = ['not_found', 'unauthorized', 'invalid', 'malformed'];

export interface DiscoveryParts {
  readonly client: V2Client;
  readonly clock: Clock;
  readonly trust: Pick<HostTrust, 'isTrusted'>;
}

export function createDiscovery({ client, clock, trust }: DiscoveryParts): Discovery {
  let askFromMs = 0;
  const hostnodes = async (): Promise<readonly Hostnode[]> => {
    if (!trust.isTrusted() || clock.monotonicMs() < askFromMs) return [];
    try {
      return await client.hostnodes();
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      if (LASTING.includes(error.kind)) askFromMs = clock.monotonicMs() + ASK_AGAIN_MS;
      return [];
    }
  };
  return {
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
