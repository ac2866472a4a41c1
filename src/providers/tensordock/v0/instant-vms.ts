import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { gpuVendorOf } from '../../../domain/gpu-vendor.ts';
import { countryCode, joinPlace } from '../../../domain/location.ts';
import { type MicroUsd, microUsd, toUsd } from '../../../domain/money.ts';
import { type AdapterData, type Offer, type Price, totalPerHour } from '../../../domain/offer.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { isPlausibleUsd } from '../../plausible-usd.ts';
import { gpuName } from '../gpu-name.ts';
import { hostIdOf, PRIOR_CONFIDENCE } from '../listing.ts';
import { MARKETPLACE, START_UP } from '../marketplace.ts';
import type { OrderedMachine } from '../ordered-machine.ts';
import { cloudInitScript } from './cloud-init-script.ts';
import type { InstantRow } from './instant-wire.ts';
import { reliabilityOf } from './uptime.ts';

/** What a launch needs again of the offer that it was decided on. */
const InstantLaunchData = Type.Object({ instantVm: Type.String() });
export type InstantLaunchData = Static<typeof InstantLaunchData>;

/** Undefined for every other offer. */
export function instantLaunchData(data: AdapterData): InstantLaunchData | undefined {
  return Value.Check(InstantLaunchData, data) ? data : undefined;
}

/**
 * Pure: the offer of a machine that stands ready, or none where its GPU or price cannot be told. All of it is fixed: size,
 * disk and system. The call has no field for ports, so that nothing but SSH is reached there. Nor does any document say
 * that its GPUs can be given back.
 */
export function instantOffer(row: InstantRow, fetchedAt: EpochMs): Offer[] {
  const [v0Name = ''] = row.gpu_model;
  const [gpuCount = 1] = row.gpu_count;
  const gpu = gpuName(v0Name);
  const price = priceOf(row);
  const total = totalPerHour(price);
  if (!gpu || total <= 0 || !isPlausibleUsd(toUsd(total))) return [];
  const place = [row.city, row.stateprovince, row.country] as const;
  const offer: Offer = {
    id: `${MARKETPLACE}-instant-${row.uuid}`,
    provider: MARKETPLACE,
    api: 'tensordock-v0',
    providerId: row.uuid,
    gpuType: gpu.gpuType,
    gpuCount,
    gpuVendor: gpuVendorOf(gpu.gpuType),
    vramGb: gpu.vramGb,
    price,
    diskMicroUsdPerGbHour: price.disk / row.storage,
    includedDiskGb: row.storage,
    minDiskGb: row.storage,
    maxDiskGb: row.storage,
    location: joinPlace(place),
    country: countryCode(row.country ?? ''),
    reliability: reliabilityOf(row.uptime),
    available: true,
    availabilityConfidence: PRIOR_CONFIDENCE,
    maxDurationHours: 0,
    fetchedAt,
    cpuCores: row.cpu_count,
    ramGb: row.ram,
    machineId: row.hostnode,
    hostId: hostIdOf(row.hostnode),
    maxOpenPorts: 1,
    startUp: START_UP,
    interruptible: false,
    adapterData: { instantVm: row.uuid },
  };
  return [offer];
}

/** The fields of a deploy, credentials aside. The machine's uuid goes by another name in each document. */
export function instantForm(
  { instantVm }: InstantLaunchData,
  order: OrderedMachine,
): Record<string, string> {
  return {
    instance_uuid: instantVm,
    instant_vm: instantVm,
    name: order.tag,
    ssh_key: order.key,
    cloudinit_script: cloudInitScript(order.commands),
  };
}

/** The whole is what is billed: what vCPUs and RAM do not account for is the GPUs'. */
function priceOf({ price }: InstantRow): Price {
  const compute = microUsd(Number(price.compute_price));
  const cpu = partOf(price.vcpus_price);
  const ram = partOf(price.ram_price);
  const disk = partOf(price.storage_price);
  return cpu + ram <= compute
    ? { gpu: compute - cpu - ram, cpu, ram, disk }
    : { gpu: compute, cpu: 0, ram: 0, disk };
}

function partOf(usd: number | string | null | undefined): MicroUsd {
  return Math.max(0, microUsd(Number(usd ?? 0)));
}
