import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { AdapterData, Offer } from '../../../domain/offer.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { keptPorts } from '../free-ports.ts';
import { hostIdOf, type MachineSize, offersOf } from '../listing.ts';
import type { OrderedMachine } from '../ordered-machine.ts';
import { SSH_PORT } from '../port-forwards.ts';
import { cloudInitScript } from './cloud-init-script.ts';
import { reliabilityOf } from './uptime.ts';
import type { Hostnode, HostnodeRow } from './wire.ts';

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
        reliability: reliabilityOf(row.status.uptime),
        extras: {
          machineId: hostnode.id,
          hostId: hostIdOf(hostnode.id),
          maxOpenPorts: ports.length,
          preservable: true,
          ...speedOf(row),
        },
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
