import { isPublicKey } from './boot-keys.ts';
import { runcmdOf } from './cloud-init.ts';
import type { FirstBoot } from './first-boot.ts';
import { V0_SYSTEMS } from './images.ts';
import type { PortForward } from './port-forwards.ts';

/** A well-formed deployment; the hostnode may still refuse it. */
export interface DeployRequest {
  readonly name: string;
  readonly hostnodeId: string;
  readonly gpuModel: string;
  readonly gpuCount: number;
  readonly vcpus: number;
  readonly ramGb: number;
  readonly diskGb: number;
  readonly system: string;
  readonly forwards: readonly PortForward[];
  /** Dollars an hour; null on demand. */
  readonly bid: number | null;
  /** What its first boot is to run. */
  readonly runcmd: readonly string[];
}

export type ParsedDeploy =
  | { readonly kind: 'valid'; readonly deploy: DeployRequest }
  | { readonly kind: 'invalid'; readonly error: string };

/** The smallest disk that the hostnode search of the documents asks for. */
const MIN_STORAGE_GB = 20;

/** v0 names the first thing that it does not like, as a sentence. */
export function parseDeploy(fields: URLSearchParams): ParsedDeploy {
  const complaint = complaintAbout(fields);
  if (complaint !== undefined) return { kind: 'invalid', error: complaint };
  const deploy: DeployRequest = {
    name: textOf(fields, 'name'),
    hostnodeId: textOf(fields, 'hostnode'),
    gpuModel: textOf(fields, 'gpu_model'),
    gpuCount: integerOf(fields, 'gpu_count'),
    vcpus: integerOf(fields, 'vcpus'),
    ramGb: integerOf(fields, 'ram'),
    diskGb: integerOf(fields, 'storage'),
    system: textOf(fields, 'operating_system'),
    forwards: forwardsIn(fields),
    bid: fields.get('price_type') === 'spot' ? Number(fields.get('price')) : null,
    runcmd: runcmdIn(fields),
  };
  return { kind: 'valid', deploy };
}

export function runcmdIn(fields: URLSearchParams): string[] {
  return runcmdOf(textOf(fields, 'cloudinit_script'));
}

/** v0's own field installs a key ("how most customers deploy"), and so does the cloud-init text. */
export function bootKeysIn(fields: URLSearchParams, boot: FirstBoot): string[] {
  const key = textOf(fields, 'ssh_key').trim();
  return [...new Set([...(isPublicKey(key) ? [key] : []), ...boot.keys])];
}

/** Undefined when a password or a usable key is there. */
export function loginComplaint(fields: URLSearchParams): string | undefined {
  const key = textOf(fields, 'ssh_key').trim();
  if (key !== '' && !isPublicKey(key)) return 'Invalid ssh_key';
  return key === '' && textOf(fields, 'password') === ''
    ? 'Either a password or an ssh_key is required'
    : undefined;
}

const RULES: readonly ((fields: URLSearchParams) => string | undefined)[] = [
  (fields) => missingText(fields, ['name', 'hostnode', 'gpu_model', 'operating_system']),
  (fields) => badInteger(fields, ['gpu_count', 'vcpus', 'ram', 'storage']),
  (fields) => oddAmount(fields, ['vcpus', 'ram']),
  (fields) =>
    integerOf(fields, 'storage') < MIN_STORAGE_GB
      ? `storage must be at least ${MIN_STORAGE_GB}`
      : undefined,
  (fields) => systemComplaint(textOf(fields, 'operating_system')),
  portComplaint,
  loginComplaint,
  priceComplaint,
];

function complaintAbout(fields: URLSearchParams): string | undefined {
  for (const rule of RULES) {
    const complaint = rule(fields);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

function missingText(fields: URLSearchParams, names: readonly string[]): string | undefined {
  const missing = names.find((name) => textOf(fields, name) === '');
  return missing === undefined ? undefined : `Missing required field: ${missing}`;
}

function badInteger(fields: URLSearchParams, names: readonly string[]): string | undefined {
  const bad = names.find((name) => !/^[1-9]\d{0,6}$/.test(textOf(fields, name)));
  return bad === undefined ? undefined : `${bad} must be a positive integer`;
}

function oddAmount(fields: URLSearchParams, names: readonly string[]): string | undefined {
  const odd = names.find((name) => integerOf(fields, name) % 2 !== 0);
  return odd === undefined ? undefined : `${odd} must be an even number`;
}

function systemComplaint(system: string): string | undefined {
  return V0_SYSTEMS.includes(system) ? undefined : `Invalid operating_system: ${system}`;
}

function portComplaint(fields: URLSearchParams): string | undefined {
  const external = portsIn(fields, 'external_ports');
  const internal = portsIn(fields, 'internal_ports');
  if (external === undefined || internal === undefined) {
    return 'Ports must be a list such as {30118, 30117}';
  }
  if (external.length !== internal.length) return 'Every external port needs an internal port';
  if (new Set(external).size !== external.length) return 'External ports must differ';
  const loginPort = textOf(fields, 'operating_system').startsWith('Windows') ? 3389 : 22;
  return internal.includes(loginPort) ? undefined : `Internal port ${loginPort} must be forwarded`;
}

function priceComplaint(fields: URLSearchParams): string | undefined {
  const type = fields.get('price_type');
  if (type === null || type === 'ondem') return undefined;
  if (type !== 'spot') return `Invalid price_type: ${type}`;
  return Number(fields.get('price')) > 0 ? undefined : 'A spot instance needs a price';
}

function forwardsIn(fields: URLSearchParams): PortForward[] {
  const internal = portsIn(fields, 'internal_ports') ?? [];
  const external = portsIn(fields, 'external_ports') ?? [];
  return external.map((externalPort, at) => ({
    protocol: 'tcp',
    externalPort,
    internalPort: internal[at] ?? externalPort,
  }));
}

/** Braces, and a comma and a space between ports: "make sure to include spaces". */
function portsIn(fields: URLSearchParams, name: string): number[] | undefined {
  const list = /^\{(\d{1,5}(?:, \d{1,5})*)\}$/.exec(textOf(fields, name))?.[1];
  const ports = list?.split(', ').map(Number);
  return ports?.every((port) => port > 0 && port < 65_536) === true ? ports : undefined;
}

function textOf(fields: URLSearchParams, name: string): string {
  return fields.get(name) ?? '';
}

function integerOf(fields: URLSearchParams, name: string): number {
  return Number(textOf(fields, name));
}
