import { createTensordockV0Provider } from '../../../../src/providers/tensordock/v0/provider.ts';
import { tensordockV0Facade } from '../../../../src/simulator/tensordock/v0-facade.ts';
import { dockHost } from '../../../simulator/tensordock/dock-world.ts';
import { recordedIn } from '../recorded-case.ts';
import { requestLine } from '../scripted-wire.ts';
import type { ConformanceSubject } from '../subject.ts';

const TOKEN = 'tok/EN+0123456789abcdef0123';
const AUTH_ID = '5d1f0c1e-0000-4000-8000-00000000a07b';

export const TENSORDOCK_V0_SUBJECT: ConformanceSubject = {
  api: 'tensordock-v0',
  build: (parts) =>
    createTensordockV0Provider(parts, {
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
    templates: 'the marketplace has none',
  },
  recorded: recordedIn(new URL('../recorded/tensordock-v0', import.meta.url)),
  instanceId: '65e7edca-888a-4e66-a975-2c6cd4cd218b',
  /** All calls are sent as POST: the path tells them apart. */
  changes: (request) =>
    /^POST \/api\/v0\/client\/(deploy|deployinstant|delete|stop|start|modify)\/single$/.test(
      requestLine(request),
    ),
  rents: (request) =>
    /^POST \/api\/v0\/client\/(deploy|deployinstant)\/single$/.test(requestLine(request)),
  bids: (request) => new URLSearchParams(request.body ?? '').has('price'),
  simulator: {
    market: 'tensordock',
    facades: (market, options) => [tensordockV0Facade(market, options)],
    host: dockHost,
  },
};
