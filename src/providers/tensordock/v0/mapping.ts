import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Observation } from '../../../domain/instance.ts';
import type { AdapterData, Offer } from '../../../domain/offer.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { keptPorts } from '../free-ports.ts';
import { type MachineSize, offersOf } from '../listing.ts';
import { LOGIN_USER } from '../marketplace.ts';
import type { OrderedMachine } from '../ordered-machine.ts';
import { phaseOf, reasonOf } from '../phase.ts';
import { openPortsAt, SSH_PORT, sshForward } from '../port-forwards.ts';
import { hourlyRate, instant, reachableHost } from '../wire-values.ts';
import type { Hostnode, HostnodeRow, Machine, MachineRow } from './wire.ts';

/** For hostnodes that show no uptime yet. */
const UNKNOWN_UPTIME = 0.9;

/** This API names its images as the dashboard does; any other text is passed on as it is. */
const OPERATING_SYSTEMS: ReadonlyMap<string, string> = new Map([
  ['ubuntu2004', 'Ubuntu 20.04 LTS'],
  ['ubuntu2204', 'Ubuntu 22.04 LTS'],
  ['ubuntu2404', 'Ubuntu 24.04 LTS'],
]);

/** What a launch needs again of the offer that it was decided on. */
const LaunchData = Type.Object({
  hostnode: Type.String(),
  v0Name: Type.String(),
  count: Type.Integer({ minimum: 1 }),
  vcpus: Type.Integer({ minimum: 2 }),
  ramGb: Type.Integer({ minimum: 2 }),
  /** Free external ports, joined with commas. */
  ports: Type.String({ pattern: '^\\d{1,5}(,\\d{1,5})*$' }),
});
export type LaunchData = Static<typeof LaunchData>;

/** Pure: what a hostnode offers; nothing while it is offline, unlisted, or without a port for a login. */
export function offersAt(hostnode: Hostnode, defaults: MachineSize, fetchedAt: EpochMs): Offer[] {
  const { row } = hostnode;
  const ports = keptPorts(row.networking.ports);
  if (!row.status.listed || !row.status.online || ports.length === 0) return [];
  return hostnode.gpus.flatMap(([v0Name, gpu]) =>
    offersOf(
      {
        api: 'tensordock-v0',
        siteId: hostnode.id,
        locationId: row.location.id,
        v0Name,
        maxGpuCount: gpu.amount,
        ...roomOf(row, defaults),
        rates: {
          gpu: gpu.price,
          vcpu: row.specs.cpu.price,
          ramGb: row.specs.ram.price,
          diskGb: row.specs.storage.price,
        },
        place: [row.location.city, row.location.region, row.location.country],
        reliability: Math.min(Math.max(row.status.uptime ?? UNKNOWN_UPTIME, 0), 1),
        extras: { machineId: hostnode.id, maxOpenPorts: ports.length, ...speedOf(row) },
        launchData: { hostnode: hostnode.id, ports: ports.join(',') },
      },
      fetchedAt,
    ),
  );
}

function roomOf(
  { specs }: HostnodeRow,
  defaults: MachineSize,
): { readonly maxDiskGb: number; readonly size: MachineSize } {
  return {
    maxDiskGb: specs.storage.amount,
    size: {
      vcpus: evenWithin(defaults.vcpus, specs.cpu.amount),
      ramGb: evenWithin(defaults.ramGb, specs.ram.amount),
    },
  };
}

/** vCPU and RAM have to be even numbers. */
function evenWithin(wanted: number, most: number): number {
  return Math.floor(Math.min(wanted, most) / 2) * 2;
}

function speedOf({ networking }: HostnodeRow): Pick<Offer, 'inetDownMbps' | 'inetUpMbps'> {
  return {
    ...(networking.receive ? { inetDownMbps: networking.receive } : {}),
    ...(networking.send ? { inetUpMbps: networking.send } : {}),
  };
}

/** Undefined for an offer that another version made, or that was tampered with. */
export function launchData(data: AdapterData): LaunchData | undefined {
  return Value.Check(LaunchData, data) ? data : undefined;
}

export interface Deployment extends OrderedMachine {
  /** One for SSH, then one for each of the machine's ports. */
  readonly externalPorts: readonly number[];
}

/** The fields of a deploy, credentials aside. No password: a key in its place is documented, and nothing then logs in by guessing. */
export function deployForm(site: LaunchData, order: Deployment): Record<string, string> {
  return {
    name: order.tag,
    hostnode: site.hostnode,
    gpu_model: site.v0Name,
    gpu_count: String(site.count),
    vcpus: String(site.vcpus),
    ram: String(site.ramGb),
    storage: String(Math.ceil(order.diskGb)),
    operating_system: OPERATING_SYSTEMS.get(order.image) ?? order.image,
    external_ports: portList(order.externalPorts),
    internal_ports: portList([SSH_PORT, ...order.ports]),
    ssh_key: order.key,
    cloudinit_script: cloudInitScript(order.commands),
  };
}

/** The document insists on the space behind each comma. */
function portList(ports: readonly number[]): string {
  return `{${ports.join(', ')}}`;
}

/** Newlines are written as a backslash and an `n`: the field is pasted into a template on the other side. */
function cloudInitScript(commands: readonly string[]): string {
  return ['runcmd:', ...commands.map((command) => `  - ${command}`), ''].join('\\n');
}

/** A row of the list or a single answer. */
export function observation({ id, row }: Machine): Observation {
  const createdAt = instant(row.timestamp_creation);
  const total = totalRate(row);
  const phase = phaseOf(row.status);
  return {
    id,
    tag: row.name ?? undefined,
    phase,
    ...reasonOf(row.status),
    ...addressOf(row),
    ...(phase === 'running' ? portsOf(row) : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(total === undefined ? {} : { totalPerHour: total }),
  };
}

/** `cost` is not read: in the documented list it is the compute price alone, without the storage that is billed too. */
function totalRate(row: MachineRow): number | undefined {
  const whole = hourlyRate(row.total_price) ?? hourlyRate(row.rate_hourly);
  if (whole !== undefined) return whole;
  const compute = hourlyRate(row.compute_price);
  const storage = hourlyRate(row.storage_price);
  return compute === undefined || storage === undefined ? undefined : compute + storage;
}

function addressOf(row: MachineRow): Pick<Observation, 'address'> {
  const user = row.default_user || LOGIN_USER;
  const ownHost = ownHostOf(row);
  if (ownHost !== undefined) return { address: { host: ownHost, port: SSH_PORT, user } };
  const host = sharedHostOf(row);
  const forward = sshForward(row.port_forwards);
  return host !== undefined && forward.kind === 'forwarded'
    ? { address: { host, port: forward.port, user } }
    : {};
}

function portsOf(row: MachineRow): Pick<Observation, 'openPorts' | 'ownHost'> {
  const ownHost = ownHostOf(row);
  if (ownHost !== undefined) return { ownHost };
  const host = sharedHostOf(row);
  return host === undefined ? {} : { openPorts: openPortsAt(host, row.port_forwards) };
}

function ownHostOf(row: MachineRow): string | undefined {
  return reachableHost(row.dedicated_ip_address);
}

function sharedHostOf(row: MachineRow): string | undefined {
  const shown = [row.ip_address, row.ip, row.hostname].map(reachableHost);
  return shown.find((host) => host !== undefined);
}
