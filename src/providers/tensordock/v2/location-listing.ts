import type { Listing, MachineSize } from '../listing.ts';
import type { Network } from './launch-data.ts';
import { sizeWithin } from './machine-size.ts';
import { tierReliability } from './tier.ts';
import type { GpuRow, LocationGpu } from './wire.ts';

/** What a location offers of one GPU model, the provider picking the host; undefined where nobody could log in. */
export function locationListing(
  { location, gpu }: LocationGpu,
  defaults: MachineSize,
): Listing | undefined {
  const network = networkOf(gpu);
  if (!network.dedicatedIp && !network.portForwarding) return undefined;
  const { resources, pricing } = gpu;
  return {
    api: 'tensordock-v2',
    siteId: location.id,
    locationId: location.id,
    v0Name: gpu.v0Name,
    displayName: gpu.displayName ?? '',
    maxGpuCount: gpu.max_count,
    maxDiskGb: resources.max_storage_gb,
    size: sizeWithin({ vcpus: resources.max_vcpus, ramGb: resources.max_ram_gb }, defaults),
    rates: {
      gpu: gpu.price_per_hr,
      vcpu: pricing?.per_vcpu_hr ?? 0,
      ramGb: pricing?.per_gb_ram_hr ?? 0,
      diskGb: pricing?.per_gb_storage_hr ?? 0,
    },
    place: [location.city, location.stateprovince, location.country],
    reliability: tierReliability(location.tier),
    extras: network.dedicatedIp ? {} : { sharesAddress: true },
    launchData: { locationId: location.id, ...network },
  };
}

/**
 * Where a location says nothing, a dedicated address is tried first: that is how every login that has been seen
 * came about, and some sites accept forwards and make none.
 */
export function networkOf(gpu: GpuRow): Network {
  return {
    dedicatedIp: gpu.network_features?.dedicated_ip_available ?? true,
    portForwarding: gpu.network_features?.port_forwarding_available ?? true,
  };
}
