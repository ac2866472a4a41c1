import type { Provider } from '../../src/ports/provider.ts';
import type { TransportParts } from '../../src/providers/http-transport.ts';
import { createTensordockV0Provider } from '../../src/providers/tensordock/v0/provider.ts';
import { createTensordockV2Provider } from '../../src/providers/tensordock/v2/provider.ts';
import { createVastaiProvider } from '../../src/providers/vastai/provider.ts';
import type { SimCredentials } from '../../src/simulator/model.ts';
import type { Api } from './plan.ts';

/** The real adapters over a played network. */
export function providersOver(
  transport: TransportParts,
  { apis, credentials }: { readonly apis: readonly Api[]; readonly credentials: SimCredentials },
): readonly Provider[] {
  const { vastKey, tensordockToken, tensordockAuthId } = credentials;
  const tensordock = {
    baseUrl: 'http://tensordock.sim',
    apiToken: tensordockToken,
    authId: tensordockAuthId,
    defaultImage: 'ubuntu2204',
    defaultVcpus: 8,
    defaultRamGb: 32,
  };
  const all: Readonly<Record<Api, () => Provider>> = {
    vastai: () => createVastaiProvider(transport, { apiKey: vastKey, baseUrl: 'http://vast.sim' }),
    'tensordock-v2': () => createTensordockV2Provider(transport, tensordock),
    'tensordock-v0': () => createTensordockV0Provider(transport, tensordock),
  };
  return apis.map((api) => all[api]());
}
