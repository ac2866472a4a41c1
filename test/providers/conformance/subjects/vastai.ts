import { createVastaiProvider } from '../../../../src/providers/vastai/provider.ts';
import type { WireRequest } from '../../../../src/providers/wire-fetch.ts';
import { vastaiFacade } from '../../../../src/simulator/vastai/facade.ts';
import { aHost } from '../../../simulator/vastai/shop.ts';
import { recordedIn } from '../recorded-case.ts';
import { requestLine } from '../scripted-wire.ts';
import type { ConformanceSubject } from '../subject.ts';

const KEY = '5f0c9e0a/a+b71c9e0a5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a';

export const VASTAI_SUBJECT: ConformanceSubject = {
  api: 'vastai',
  build: (parts) =>
    createVastaiProvider(parts, { apiKey: KEY, baseUrl: 'https://console.vast.test' }),
  credentials: { vastKey: KEY, tensordockToken: '', tensordockAuthId: '' },
  secrets: [KEY],
  lacks: {},
  recorded: recordedIn(new URL('../recorded/vastai', import.meta.url)),
  instanceId: '54540011',
  changes: (request) => request.method !== 'GET' && !isSearch(request),
  rents: (request) => /^PUT \/api\/v0\/asks\/[0-9]+\/$/.test(requestLine(request)),
  bids: (request) => /"price":/.test(request.body ?? ''),
  simulator: {
    market: 'vastai',
    facades: (market, options) => [vastaiFacade(market, options)],
    host: aHost,
  },
};

function isSearch(request: WireRequest): boolean {
  return requestLine(request) === 'POST /api/v0/bundles/';
}
