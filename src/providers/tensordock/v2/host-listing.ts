import type { Offer } from '../../../domain/offer.ts';
import { hostIdOf, type Listing, type ListingRates, type MachineSize } from '../listing.ts';
import type { Hostnode, HostnodeGpu } from './hostnode-wire.ts';
import { sizeWithin } from './machine-size.ts';
import { tierReliability } from './tier.ts';

/** One GPU model on one host. */
export interface HostGpu {
  readonly hostnode: Hostnode;
  readonly gpu: HostnodeGpu;
}

export interface HostSetting {
  /** The same model's listing by its location, where the location has as many. */
  readonly own: Listing | undefined;
  readonly defaults: MachineSize;
  readonly displayName: string;
  /** Whether the location is said to forward ports, or nobody says that it does not. */
  readonly portForwarding: boolean;
}

/** A host that shows the GPUs as free is better evidence than a location, of whose launches 3 in 10 came up. */
const CONFIDENCE_AT_HOST = 0.6;

/**
 * What one host offers of one GPU model, picked by us. It goes by the location's id, as the location's own offer does, and is
 * not bound to the machine: several sessions may take it at once, as long as the site has GPUs.
 */
export function hostListing({ hostnode, gpu }: HostGpu, setting: HostSetting): Listing {
  const { place, pricing, hasPublicIp } = hostnode;
  const listing: Omit<Listing, 'launchData'> = {
    api: 'tensordock-v2',
    siteId: hostnode.locationId,
    locationId: hostnode.locationId,
    v0Name: gpu.v0Name,
    displayName: setting.displayName,
    maxGpuCount: gpu.availableCount,
    maxDiskGb: hostnode.diskGb,
    size: sizeWithin(hostnode, setting.defaults),
    rates: {
      gpu: gpu.price_per_hr,
      vcpu: pricing.per_vcpu_hr,
      ramGb: pricing.per_gb_ram_hr,
      diskGb: pricing.per_gb_storage_hr,
    },
    place: [place.city, place.stateprovince, place.country],
    reliability: hostnode.uptime ?? tierReliability(place.tier),
    extras: {
      availabilityConfidence: CONFIDENCE_AT_HOST,
      hostId: hostIdOf(hostnode.id),
      ...(hasPublicIp ? {} : { sharesAddress: true }),
      ...speedOf(hostnode),
    },
  };
  const launchData = {
    locationId: hostnode.locationId,
    hostnodeId: hostnode.id,
    byLocation: standsIn(setting.own, listing),
    dedicatedIp: hasPublicIp,
    portForwarding: setting.portForwarding,
  };
  return { ...listing, launchData };
}

/** Whether a machine that the location places elsewhere is no dearer and no smaller than the host's. */
function standsIn(own: Listing | undefined, host: Pick<Listing, 'rates' | 'size'>): boolean {
  return own !== undefined && !isDearer(own.rates, host.rates) && !isSmaller(own.size, host.size);
}

function isDearer(left: ListingRates, right: ListingRates): boolean {
  return (
    left.gpu > right.gpu ||
    left.vcpu > right.vcpu ||
    left.ramGb > right.ramGb ||
    left.diskGb > right.diskGb
  );
}

function isSmaller(left: MachineSize, right: MachineSize): boolean {
  return left.vcpus < right.vcpus || left.ramGb < right.ramGb;
}

function speedOf({ place }: Hostnode): Pick<Offer, 'inetDownMbps' | 'inetUpMbps'> {
  const { network_speed_gbps: down, network_speed_upload_gbps: up } = place;
  return {
    ...(isSpeed(down) ? { inetDownMbps: down * 1_000 } : {}),
    ...(isSpeed(up) ? { inetUpMbps: up * 1_000 } : {}),
  };
}

/** No site has more; a larger figure is a mistake. */
const MAX_GBPS = 10_000;

function isSpeed(gbps: number | null | undefined): gbps is number {
  return typeof gbps === 'number' && gbps > 0 && gbps <= MAX_GBPS;
}
