import { createChance } from '../../../src/simulator/chance.ts';
import { DEFAULT_QUIRKS } from '../../../src/simulator/default-options.ts';
import { createMarketplace, type SimMarket } from '../../../src/simulator/market.ts';
import type {
  Facade,
  FacadeOptions,
  FacadeQuirks,
  SimClock,
  SimHost,
  SimReply,
} from '../../../src/simulator/model.ts';
import { tensordockV0Facade } from '../../../src/simulator/tensordock/v0-facade.ts';
import { tensordockV2Facade } from '../../../src/simulator/tensordock/v2-facade.ts';

export const LOCATION = 'aaaaaaaa-0000-4000-8000-000000000001';
export const HOSTNODE = 'bbbbbbbb-0000-4000-8000-000000000001';
export const GPU = 'geforcertx4090-pcie-24gb';
export const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPwuBIuT5jErVfQPJ4kwO0xyv3ivUCJoW7mfAgvBHGBd';
const START = Date.UTC(2026, 1, 3, 12, 0, 0);

/** Runs as far as everything that a boot needs. */
export const BOOTED_MS = 5 * 60_000;

export function dockHost(changes: Partial<SimHost> = {}): SimHost {
  return {
    market: 'tensordock',
    id: HOSTNODE,
    machineId: 701,
    ownerId: 31,
    locationId: LOCATION,
    city: 'Manassas',
    region: 'Virginia',
    country: 'United States',
    countryCode: 'US',
    gpu: {
      vastName: 'RTX 4090',
      v0Name: GPU,
      displayName: 'NVIDIA GeForce RTX 4090 PCIe 24GB',
      smiName: 'NVIDIA GeForce RTX 4090',
      vramMb: 24_564,
      nominalGb: 24,
      computeCap: 890,
    },
    gpuCount: 4,
    cpuName: 'AMD EPYC 7402P 24-Core Processor',
    vcpus: 96,
    ramGb: 512,
    diskGb: 8_000,
    inetDownMbps: 10_000,
    inetUpMbps: 5_000,
    reliability: 0.9979,
    verified: true,
    datacenter: true,
    tier: 3,
    cudaMax: 12.8,
    driverVersion: '570.86.15',
    directPorts: 50,
    dedicatedIps: true,
    portForwards: true,
    publicIp: '198.51.100.7',
    offeredUntil: START + 86_400_000_000,
    rates: { gpuHour: 0.4, vcpuHour: 0.003, ramGbHour: 0.002, storage: 0.00005, minBid: 0.2 },
    nature: 'good',
    ...changes,
  };
}

export interface DockWorld {
  readonly market: SimMarket;
  readonly v2: Facade;
  readonly v0: Facade;
  readonly advance: (ms: number) => void;
}

export interface DockWishes {
  readonly hosts?: readonly SimHost[];
  readonly quirks?: Partial<FacadeQuirks>;
  readonly rateLimits?: boolean;
  readonly credit?: number;
  readonly disappearMs?: number;
}

export function dockWorld(wishes: DockWishes = {}): DockWorld {
  let now = START;
  // The market runs what is due when it is read, so nothing has to be woken here.
  const clock: SimClock = { now: () => now, after: () => () => undefined };
  const market = createMarketplace({
    clock,
    chance: createChance('dock'),
    hosts: wishes.hosts ?? [dockHost()],
    credit: { vastai: 0, tensordock: wishes.credit ?? 500 },
    listLag: { appearMs: 0, disappearMs: wishes.disappearMs ?? 0 },
  });
  const options: FacadeOptions = {
    rateLimits: wishes.rateLimits ?? false,
    quirks: { ...DEFAULT_QUIRKS, v2ListAs: 'array', ...wishes.quirks },
  };
  return {
    market,
    v2: tensordockV2Facade(market, options),
    v0: tensordockV0Facade(market, options),
    advance: (ms) => {
      now += ms;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export async function v2(world: DockWorld, call: string, body?: unknown): Promise<Answer> {
  const [method = '', target = ''] = call.split(' ');
  const [path = '', query = ''] = target.split('?');
  const reply = await world.v2({
    method,
    path: `/api/v2${path}`,
    query: new URLSearchParams(query),
    headers: { authorization: `Bearer ${world.market.credentials.tensordockToken}` },
    body: body === undefined ? '' : JSON.stringify(body),
  });
  return read(reply);
}

/** With the account's credentials in the form. */
export async function v0(
  world: DockWorld,
  call: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { tensordockAuthId, tensordockToken } = world.market.credentials;
  return v0Open(world, call, { api_key: tensordockAuthId, api_token: tensordockToken, ...fields });
}

/** Without credentials, unless the fields hold some. */
export async function v0Open(
  world: DockWorld,
  call: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const [method = '', path = ''] = call.split(' ');
  const form = new URLSearchParams(fields);
  const isGet = method === 'GET';
  const reply = await world.v0({
    method,
    path: `/api/v0${path}`,
    query: isGet ? form : new URLSearchParams(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: isGet ? '' : form.toString(),
  });
  return read(reply);
}

export function read(reply: SimReply | undefined): Answer {
  if (reply === undefined) throw new Error('the path is not the façade’s own');
  return { status: reply.status, body: JSON.parse(reply.body) };
}

/** The value at a path of keys, e.g. `at(body, 'data', 'id')`. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined,
    value,
  );
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')}`);
  return found;
}

/** What the fact sheet found to work (§5), for one account's home. */
export function keySteps(home: string, owner: string): string[] {
  return [
    `mkdir -p ${home}/.ssh`,
    `chmod 700 ${home}/.ssh`,
    `echo '${KEY}' >> ${home}/.ssh/authorized_keys`,
    `chmod 600 ${home}/.ssh/authorized_keys`,
    `chown -R ${owner}:${owner} ${home}/.ssh`,
  ];
}

export interface CreateWishes {
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly resources?: Readonly<Record<string, unknown>>;
}

/** A create that is good in every point, with changes. */
export function createBody(wishes: CreateWishes = {}): unknown {
  return {
    data: {
      type: 'virtualmachine',
      attributes: {
        name: 'gpub-demo-0123456789abcdef-1',
        type: 'virtualmachine',
        image: 'ubuntu2204',
        location_id: LOCATION,
        resources: {
          vcpu_count: 8,
          ram_gb: 32,
          storage_gb: 100,
          gpus: { [GPU]: { count: 1 } },
          ...wishes.resources,
        },
        port_forwards: [{ protocol: 'tcp', internal_port: 22, external_port: 22 }],
        ssh_key: KEY,
        cloud_init: { runcmd: [...keySteps('/root', 'root'), ...keySteps('/home/user', 'user')] },
        ...wishes.attributes,
      },
    },
  };
}

/** Makes a machine through v2 and gives its id. */
export async function createdId(world: DockWorld, wishes: CreateWishes = {}): Promise<string> {
  const { body } = await v2(world, 'POST /instances', createBody(wishes));
  return textAt(body, 'data', 'id');
}

/** A v0 deployment that is good in every point. */
export const DEPLOY_FIELDS = {
  name: 'gpub-demo-0123456789abcdef-1',
  hostnode: HOSTNODE,
  gpu_model: GPU,
  gpu_count: '1',
  vcpus: '8',
  ram: '32',
  storage: '100',
  operating_system: 'Ubuntu 22.04 LTS',
  external_ports: '{20010, 20011}',
  internal_ports: '{22, 80}',
  ssh_key: KEY,
} as const;

export async function deployedId(
  world: DockWorld,
  fields: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { body } = await v0(world, 'POST /client/deploy/single', { ...DEPLOY_FIELDS, ...fields });
  return textAt(body, 'server');
}
