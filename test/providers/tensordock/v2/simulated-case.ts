import type { Provider } from '../../../../src/ports/provider.ts';
import { createTensordockV2Provider } from '../../../../src/providers/tensordock/v2/provider.ts';
import { WireError } from '../../../../src/providers/wire-fetch.ts';
import { playWire } from '../../../../src/simulator/wire.ts';
import { NO_FAULTS } from '../../../../src/simulator/wire-faults.ts';
import { type DockWorld, dockWorld } from '../../../simulator/tensordock/dock-world.ts';
import { BASE_URL, world as transportWorld, type World } from '../harness.ts';

export interface Case {
  readonly dock: DockWorld;
  readonly provider: Provider;
  readonly parts: World;
  /** `METHOD /path` of every call, in order. */
  readonly calls: string[];
  /** Attributes of every create, in order. */
  readonly creates: Readonly<Record<string, unknown>>[];
}

/** The adapter over the simulated marketplace, as the provider's documents have it. */
export function simulatedCase(
  dock: DockWorld = dockWorld(),
  credentials: { readonly apiToken?: string; readonly authId?: string } = {},
): Case {
  const calls: string[] = [];
  const creates: Readonly<Record<string, unknown>>[] = [];
  const wire = playWire({
    facades: [dock.v2],
    clock: dock.market.clock,
    chance: dock.market.chance.fork('wire'),
    faults: () => NO_FAULTS,
    asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
  });
  const parts: World = {
    ...transportWorld(),
    fetch: (request, signal) => {
      const { pathname } = new URL(request.url);
      calls.push(`${request.method} ${pathname}`);
      if (request.body) creates.push(JSON.parse(request.body).data.attributes);
      return wire(request, signal);
    },
  };
  const { tensordockAuthId, tensordockToken } = dock.market.credentials;
  const provider = createTensordockV2Provider(parts, {
    authId: tensordockAuthId,
    apiToken: tensordockToken,
    ...credentials,
    baseUrl: BASE_URL,
    defaultImage: 'ubuntu2204',
    defaultVcpus: 8,
    defaultRamGb: 32,
  });
  return { dock, provider, parts, calls, creates };
}
