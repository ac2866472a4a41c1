import { isObject } from '../json.ts';
import { type BodyFields, readBody } from './body-fields.ts';
import { V2_IMAGES } from './images.ts';
import type { PortForward } from './port-forwards.ts';
import type { Issue } from './v2-errors.ts';

/** A well-formed create, in the façade's own words. */
export interface CreateRequest {
  readonly name: string;
  readonly image: string;
  readonly site:
    | { readonly kind: 'location'; readonly id: string }
    | { readonly kind: 'hostnode'; readonly id: string };
  readonly gpu: GpuWish;
  readonly vcpus: number;
  readonly ramGb: number;
  readonly diskGb: number;
  readonly dedicatedIp: boolean;
  readonly forwards: readonly PortForward[];
  /** What its first boot is to run. */
  readonly runcmd: readonly string[];
}

interface GpuWish {
  readonly v0Name: string;
  readonly count: number;
}

export type ParsedCreate =
  | { readonly kind: 'valid'; readonly create: CreateRequest }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

/** The instances document's and the fact sheet's minimum (§4). */
const MIN_STORAGE_GB = 100;
const ROOT = ['data', 'attributes'] as const;
const RESOURCES = [...ROOT, 'resources'] as const;

export function parseCreate(body: string): ParsedCreate {
  const fields = readBody(body);
  expectVirtualMachine(fields);
  const create: CreateRequest = {
    name: fields.text([...ROOT, 'name']),
    image: imageIn(fields),
    gpu: gpuIn(fields),
    vcpus: fields.integer([...RESOURCES, 'vcpu_count'], 1),
    ramGb: fields.integer([...RESOURCES, 'ram_gb'], 1),
    diskGb: fields.integer([...RESOURCES, 'storage_gb'], MIN_STORAGE_GB),
    site: siteIn(fields),
    dedicatedIp: fields.optionalBoolean([...ROOT, 'useDedicatedIp']) ?? false,
    forwards: forwardsIn(fields),
    runcmd: runcmdIn(fields),
  };
  // The key has to be sent although nothing is done with it (fact sheet §5).
  fields.text([...ROOT, 'ssh_key']);
  expectWayIn(fields, create);
  const { issues } = fields;
  return issues.length > 0 ? { kind: 'invalid', issues } : { kind: 'valid', create };
}

function expectVirtualMachine(fields: BodyFields): void {
  for (const path of [
    ['data', 'type'],
    [...ROOT, 'type'],
  ]) {
    const type = path.length > 2 ? fields.optionalText(path) : fields.text(path);
    if (type !== undefined && type !== '' && type !== 'virtualmachine') {
      fields.complain(path, 'Invalid literal value, expected "virtualmachine"');
    }
  }
}

function imageIn(fields: BodyFields): string {
  const image = fields.text([...ROOT, 'image']);
  if (image !== '' && !V2_IMAGES.includes(image)) {
    fields.complain([...ROOT, 'image'], `Invalid image: ${image}`);
  }
  return image;
}

/** A map by model, as seen live, or a list, as the OpenAPI document has it. One model a machine. */
function gpuIn(fields: BodyFields): GpuWish {
  const path = [...RESOURCES, 'gpus'];
  const wish = Array.isArray(fields.value(path))
    ? listedWish(fields.list(path))
    : mappedWish(fields.value(path));
  if (wish !== undefined) return wish;
  fields.complain(path, 'At least one GPU is required');
  return { v0Name: '', count: 1 };
}

function mappedWish(value: unknown): GpuWish | undefined {
  const entries = isObject(value) ? Object.entries(value) : [];
  const [only] = entries;
  if (only === undefined || entries.length > 1) return undefined;
  const [v0Name, amount] = only;
  return wishOf(v0Name, isObject(amount) ? amount['count'] : undefined);
}

function listedWish(list: readonly unknown[]): GpuWish | undefined {
  const [only] = list;
  return isObject(only) && list.length === 1 ? wishOf(only['gpuV0Name'], only['count']) : undefined;
}

function wishOf(v0Name: unknown, count: unknown): GpuWish | undefined {
  if (typeof v0Name !== 'string' || typeof count !== 'number') return undefined;
  return Number.isInteger(count) && count >= 1 ? { v0Name, count } : undefined;
}

function siteIn(fields: BodyFields): CreateRequest['site'] {
  const location = fields.optionalText([...ROOT, 'location_id']);
  const hostnode = fields.optionalText([...ROOT, 'hostnode_id']);
  if ((location === undefined) === (hostnode === undefined)) {
    fields.complain([...ROOT, 'location_id'], 'Either location_id or hostnode_id is required');
  }
  return hostnode === undefined
    ? { kind: 'location', id: location ?? '' }
    : { kind: 'hostnode', id: hostnode };
}

function forwardsIn(fields: BodyFields): PortForward[] {
  const path = [...ROOT, 'port_forwards'];
  const forwards = fields.list(path).map(forwardOf);
  if (forwards.includes(undefined)) fields.complain(path, 'Invalid port forward');
  return forwards.filter((forward) => forward !== undefined);
}

function forwardOf(value: unknown): PortForward | undefined {
  if (!isObject(value)) return undefined;
  const { internal_port: internalPort, external_port: externalPort, protocol = 'tcp' } = value;
  if (!isPort(internalPort) || !isPort(externalPort) || typeof protocol !== 'string')
    return undefined;
  return { protocol, internalPort, externalPort };
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}

/** Its other members are taken and install no key: not `ssh_authorized_keys`, not `write_files`. */
function runcmdIn(fields: BodyFields): string[] {
  const path = [...ROOT, 'cloud_init'];
  const cloudInit = fields.value(path);
  if (cloudInit === undefined) return [];
  if (!isObject(cloudInit)) {
    fields.complain(path, 'Expected object');
    return [];
  }
  const entries = fields.list([...path, 'runcmd']);
  if (entries.some((entry) => typeof entry !== 'string')) {
    fields.complain([...path, 'runcmd'], 'Expected string');
  }
  return entries.filter((entry) => typeof entry === 'string');
}

function expectWayIn(fields: BodyFields, create: CreateRequest): void {
  const forwardsSsh = create.forwards.some(
    (forward) => forward.internalPort === 22 && forward.protocol === 'tcp',
  );
  if (create.image.startsWith('ubuntu') && !create.dedicatedIp && !forwardsSsh) {
    fields.complain([...ROOT, 'port_forwards'], 'SSH port (22) must be forwarded for Ubuntu VMs');
  }
}
