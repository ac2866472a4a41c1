import type { Provider } from '../../src/ports/provider.ts';
import type { TransportParts } from '../../src/providers/http-transport.ts';
import { createTensordockV0Provider } from '../../src/providers/tensordock/v0/provider.ts';
import { createTensordockV2Provider } from '../../src/providers/tensordock/v2/provider.ts';
import { createVastaiProvider } from '../../src/providers/vastai/provider.ts';
import { DEFAULT_QUIRKS } from '../../src/simulator/default-options.ts';
import { DEFAULT_CREDENTIALS, type SimMarket } from '../../src/simulator/market.ts';
import { tensordockV0Facade } from '../../src/simulator/tensordock/v0-facade.ts';
import { tensordockV2Facade } from '../../src/simulator/tensordock/v2-facade.ts';
import { vastaiFacade } from '../../src/simulator/vastai/facade.ts';
import type { HandClock } from '../simulator/hand-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

export type Api = 'vastai' | 'tensordock-v2' | 'tensordock-v0';

/** The real adapter in front of the played marketplace, with nothing between them but the words of the wire. */
export function providerOn(market: SimMarket, clock: HandClock, api: Api): Provider {
  const parts = {
    fetch: wireTo(market),
    clock: patientClock(clock),
    recorder: recordingRecorder(),
  };
  const baseUrl = 'https://market.test';
  const { vastKey, tensordockToken: apiToken, tensordockAuthId: authId } = DEFAULT_CREDENTIALS;
  const machine = { defaultImage: 'ubuntu2204', defaultVcpus: 8, defaultRamGb: 32 };
  switch (api) {
    case 'vastai':
      return createVastaiProvider(parts, { apiKey: vastKey, baseUrl });
    case 'tensordock-v2':
      return createTensordockV2Provider(parts, { apiToken, authId, baseUrl, ...machine });
    case 'tensordock-v0':
      return createTensordockV0Provider(parts, { apiToken, authId, baseUrl, ...machine });
  }
}

function wireTo(market: SimMarket): TransportParts['fetch'] {
  const options = { rateLimits: false, quirks: { ...DEFAULT_QUIRKS, v2SporadicUnauthorized: 0 } };
  const facades = [tensordockV2Facade, tensordockV0Facade, vastaiFacade].map((facade) =>
    facade(market, options),
  );
  return async ({ method, url, headers, body = '' }) => {
    const { pathname: path, searchParams: query } = new URL(url);
    for (const facade of facades) {
      const reply = await facade({ method, path, query, headers, body });
      if (reply) return reply;
    }
    return { status: 404, headers: {}, body: 'Not Found' };
  };
}

/** The market's wall clock, and a count of milliseconds on which no rate limit keeps anybody waiting. */
function patientClock(clock: HandClock): TransportParts['clock'] {
  let countedMs = 0;
  return {
    now: () => clock.now(),
    monotonicMs: () => {
      countedMs += 3_600_000;
      return countedMs;
    },
    after: () => () => {},
  };
}
