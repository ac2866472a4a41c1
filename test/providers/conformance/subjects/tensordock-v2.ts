import { createTensordockV2Provider } from '../../../../src/providers/tensordock/v2/provider.ts';
import { tensordockV2Facade } from '../../../../src/simulator/tensordock/v2-facade.ts';
import { dockHost } from '../../../simulator/tensordock/dock-world.ts';
import { recordedIn } from '../recorded-case.ts';
import { requestLine } from '../scripted-wire.ts';
import type { ConformanceSubject } from '../subject.ts';

const TOKEN = 'tok/EN+0123456789abcdef0123';
const AUTH_ID = '5d1f0c1e-0000-4000-8000-00000000a07b';

export const TENSORDOCK_V2_SUBJECT: ConformanceSubject = {
  api: 'tensordock-v2',
  build: (parts) =>
    createTensordockV2Provider(parts, {
      apiToken: TOKEN,
      authId: AUTH_ID,
      baseUrl: 'https://dashboard.dock.test',
      defaultImage: 'ubuntu2204',
      defaultVcpus: 8,
      defaultRamGb: 32,
    }),
  credentials: { vastKey: '', tensordockToken: TOKEN, tensordockAuthId: AUTH_ID },
  secrets: [TOKEN, AUTH_ID],
  lacks: {
    'access call': 'the launch itself puts the key in',
    balance: 'no document of this API names an endpoint for it',
    bids: 'this API has no interruptible machines',
    charges: 'no document of this API names an endpoint for them',
    'kept disks': 'no document says that a stop gives the GPUs back, or that it costs less',
    templates: 'the marketplace has none',
  },
  recorded: recordedIn(new URL('../recorded/tensordock-v2', import.meta.url)),
  instanceId: '65e7edca-888a-4e66-a975-2c6cd4cd218b',
  changes: (request) => request.method !== 'GET',
  rents: (request) => requestLine(request) === 'POST /api/v2/instances',
  bids: (request) => /"(price|bid)"/.test(request.body ?? ''),
  simulator: {
    market: 'tensordock',
    facades: (market, options) => [tensordockV2Facade(market, options)],
    host: dockHost,
  },
};
