import type { Agent } from 'undici';
import type { Config } from './config.ts';
import type { Clock } from './ports/clock.ts';
import type { Provider } from './ports/provider.ts';
import type { Recorder } from './ports/recorder.ts';
import { createTensordockV0Provider } from './providers/tensordock/v0/provider.ts';
import { createTensordockV2Provider } from './providers/tensordock/v2/provider.ts';
import { createVastaiProvider } from './providers/vastai/provider.ts';
import { wireFetchOver } from './providers/wire-fetch.ts';

/** Connections that a provider does not take up in this time are given up; each call has its own deadline on top. */
const CONNECT_TIMEOUT_MS = 10_000;

/** The configured providers over real HTTP, in order of preference, and what has to be closed after them. */
export interface RealProviders {
  /** Of one site seen through two APIs the first one's offer is shown. */
  readonly providers: readonly Provider[];
  close(): Promise<void>;
}

export function openProviders(
  { vastai, tensordock, inventory }: Config,
  parts: { readonly clock: Clock; readonly recorder: Recorder },
): RealProviders {
  const agent = lateAgent();
  const transport = { ...parts, fetch: wireFetchOver(agent.fetch) };
  const providers: Provider[] = [];
  if (vastai) {
    const offersMaxAgeMs = inventory.maxAgeMs;
    providers.push(createVastaiProvider(transport, { ...vastai, offersMaxAgeMs }));
  }
  if (tensordock && tensordock.apiVersion !== 'v0') {
    const { authId, ...rest } = tensordock;
    const access = authId === undefined ? rest : { ...rest, authId };
    // Where the old API is an adapter of its own, it tells of the account itself.
    const desk = tensordock.apiVersion === 'v2' ? { asksOldApi: true as const } : {};
    providers.push(createTensordockV2Provider(transport, { ...access, ...desk }));
  }
  if (tensordock && tensordock.apiVersion !== 'v2') {
    providers.push(createTensordockV0Provider(transport, tensordock));
  }
  return { providers, close: agent.close };
}

/** Loaded and made for the first call: a start is not kept waiting for it. */
function lateAgent() {
  let made: Agent | undefined;
  return {
    fetch: async (url: string, init: RequestInit): Promise<Response> => {
      // What cannot be loaded now, such as where too many files are open, may be loaded by the next call.
      const { Agent: AgentOf } = await import('undici');
      made ??= new AgentOf({ connect: { timeout: CONNECT_TIMEOUT_MS } });
      const dispatcher = made;
      // Node's own undici takes this one's agents; only the two packages' types do not know each other.
      return globalThis.fetch(url, { ...init, dispatcher } as unknown as RequestInit);
    },
    close: async (): Promise<void> => made?.close(),
  };
}
