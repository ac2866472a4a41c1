import { expect, test } from 'vitest';
import { endpointOf } from '../../../src/domain/instance.ts';
import type { LaunchOrder, Provider } from '../../../src/ports/provider.ts';
import { createTensordockV0Provider } from '../../../src/providers/tensordock/v0/provider.ts';
import { createTensordockV2Provider } from '../../../src/providers/tensordock/v2/provider.ts';
import { WireError, type WireFetch } from '../../../src/providers/wire-fetch.ts';
import type { Facade } from '../../../src/simulator/model.ts';
import { playWire } from '../../../src/simulator/wire.ts';
import { NO_FAULTS } from '../../../src/simulator/wire-faults.ts';
import { type DockWorld, dockHost, dockWorld } from '../../simulator/tensordock/dock-world.ts';
import { BASE_URL, order, world as transportWorld } from './harness.ts';

const HOUR_MS = 3_600_000;
const SERVER: LaunchOrder['workload'] = {
  kind: 'entrypoint',
  image: 'vllm/vllm-openai:v0.10.2',
  model: { server: 'vllm', modelId: 'Qwen/Qwen2.5-7B-Instruct' },
  ports: [8000, 9000],
};

interface Case {
  readonly world: DockWorld;
  readonly provider: Provider;
  /** What has been sent to the marketplace. */
  readonly sent: string[];
}

type Api = 'v0' | 'v2';

function caseOf(api: Api, world: DockWorld): Case {
  const sent: string[] = [];
  const parts = { ...transportWorld(), fetch: wireTo(world, [world.v0, world.v2], sent) };
  const { tensordockAuthId: authId, tensordockToken: apiToken } = world.market.credentials;
  const defaults = { defaultImage: 'ubuntu2204', defaultVcpus: 8, defaultRamGb: 32 };
  const config = { authId, apiToken, baseUrl: BASE_URL, ...defaults };
  const provider =
    api === 'v0'
      ? createTensordockV0Provider(parts, config)
      : createTensordockV2Provider(parts, config);
  return { world, provider, sent };
}

function wireTo({ market }: DockWorld, facades: readonly Facade[], sent: string[]): WireFetch {
  const wire = playWire({
    facades,
    clock: market.clock,
    chance: market.chance.fork('wire'),
    faults: () => NO_FAULTS,
    asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
  });
  return (request, signal) => {
    sent.push(`${request.url} ${request.body ?? ''}`);
    return wire(request, signal);
  };
}

async function launched({ provider }: Case, workload: LaunchOrder['workload']): Promise<string> {
  const [offer] = await provider.offers();
  const { id } = await provider.launch(order(offer, { workload }));
  return id;
}

const ONLY_FORWARDS = dockHost({ dedicatedIps: false });

test.each<[string, Api, DockWorld]>([
  ['v2, on an address of its own', 'v2', dockWorld()],
  ['v2, by forwards', 'v2', dockWorld({ hosts: [ONLY_FORWARDS] })],
  ['v0, by forwards', 'v0', dockWorld()],
])(
  'a server launched by %s answers where the provider is seen to show it',
  async (_, api, world) => {
    const one = caseOf(api, world);
    const id = await launched(one, SERVER);
    world.advance(HOUR_MS);
    const seen = await one.provider.get(id);
    const endpoint = seen && endpointOf(seen, 8000);
    expect(endpoint).toBeDefined();
    expect(seen && endpointOf(seen, 9000)).not.toEqual(endpoint);
    expect(world.market.visit({ host: '', port: 0, ...endpoint, path: '/health' })).toMatchObject({
      kind: 'answers',
      status: 200,
    });
  },
);

test.each<Api>(['v0', 'v2'])(
  'a start command launched by %s is what the machine starts with',
  async (api) => {
    const world = dockWorld();
    const id = await launched(caseOf(api, world), {
      kind: 'ssh',
      onStart: 'echo \'é: "1"\' # \\n',
    });
    expect(world.market.instance(id)).toMatchObject({
      onStart: 'echo \'é: "1"\' # \\n',
      container: null,
    });
  },
);

test.each<Api>(['v0', 'v2'])('what %s sends to the machine holds no credential', async (api) => {
  const world = dockWorld();
  const one = caseOf(api, world);
  await launched(one, SERVER);
  const machinePart = unpacked(one.sent.at(-1) ?? '');
  expect(machinePart).toContain('docker run');
  const { tensordockAuthId, tensordockToken } = world.market.credentials;
  for (const secret of [tensordockAuthId, tensordockToken, 'PRIVATE KEY']) {
    expect(machinePart).not.toContain(secret);
  }
});

/** The cloud-init part of a launch, with what is packed into it unpacked beside it. */
function unpacked(sent: string): string {
  const form = new URLSearchParams(sent.slice(sent.indexOf(' ') + 1));
  const text = form.get('cloudinit_script') ?? sent.slice(sent.indexOf('"cloud_init"'));
  const packed = text.match(/echo ([A-Za-z0-9+/=]{40,})/g) ?? [];
  return [text, ...packed.map((part) => Buffer.from(part.slice(5), 'base64').toString())].join(
    '\n',
  );
}
