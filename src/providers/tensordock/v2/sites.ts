import type { Offer } from '../../../domain/offer.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { gpuCounts, isLaunchable, type Listing, type MachineSize, offerOf } from '../listing.ts';
import { type HostGpu, hostListing } from './host-listing.ts';
import type { Hostnode } from './hostnode-wire.ts';
import { locationListing, networkOf } from './location-listing.ts';
import type { LocationGpu } from './wire.ts';

/** What both discovery calls showed. */
export interface Seen {
  /** When the locations answered. */
  readonly at: EpochMs;
  readonly locations: readonly LocationGpu[];
  /** Undefined where hostnodes say nothing: they were not asked, did not answer, or listed none. */
  readonly hostnodes: readonly Hostnode[] | undefined;
}

/** One GPU model at one location, as both calls show it. */
interface Site {
  readonly locationId: string;
  readonly v0Name: string;
  readonly listed: LocationGpu | undefined;
  readonly hosts: HostGpu[];
}

/** The location says that it has them, and no host there does. */
const CONFIDENCE_WITHOUT_HOST = 0.1;

/**
 * Pure: one offer for each location, GPU model and count, however many calls show it. It is that of the best host which
 * shows the GPUs as free, or else the location's own, for which the provider picks the host.
 */
export function offersAt(seen: Seen, defaults: MachineSize): Offer[] {
  return sitesIn(seen).flatMap((site) =>
    countsAt(site)
      .map((count) => {
        const listing = listingAt(site, { count, defaults, isHeard: seen.hostnodes !== undefined });
        return listing && offerOf(listing, count, seen.at);
      })
      .filter((offer) => offer !== undefined),
  );
}

function sitesIn({ locations, hostnodes = [] }: Seen): Site[] {
  const sites = new Map<string, Site>();
  const site = (locationId: string, v0Name: string, listed?: LocationGpu): Site => {
    const key = `${locationId}|${v0Name}`;
    const known = sites.get(key) ?? { locationId, v0Name, listed, hosts: [] };
    sites.set(key, known);
    return known;
  };
  for (const row of locations) site(row.location.id, row.gpu.v0Name, row);
  for (const hostnode of hostnodes) {
    for (const gpu of hostnode.gpus) {
      site(hostnode.locationId, gpu.v0Name).hosts.push({ hostnode, gpu });
    }
  }
  return [...sites.values()];
}

function countsAt({ listed, hosts }: Site): number[] {
  const atHosts = hosts.map(({ gpu }) => gpu.availableCount);
  return gpuCounts(Math.max(listed?.gpu.max_count ?? 0, ...atHosts));
}

interface Wanted {
  readonly count: number;
  readonly defaults: MachineSize;
  /** Whether hostnodes say anything at all: then their silence about this site says something too. */
  readonly isHeard: boolean;
}

function listingAt(site: Site, { count, defaults, isHeard }: Wanted): Listing | undefined {
  const { listed } = site;
  const isListed = listed !== undefined && listed.gpu.max_count >= count;
  const own = isListed ? locationListing(listed, defaults) : undefined;
  const setting = {
    own,
    defaults,
    displayName: listed?.gpu.displayName ?? '',
    portForwarding: listed ? networkOf(listed.gpu).portForwarding : true,
  };
  const [best] = site.hosts
    .filter(({ gpu }) => gpu.availableCount >= count)
    .map((host) => hostListing(host, setting))
    .filter(isLaunchable)
    .toSorted((left, right) => order(left, right, count));
  if (best || !own || !isHeard) return best ?? own;
  return { ...own, extras: { ...own.extras, availabilityConfidence: CONFIDENCE_WITHOUT_HOST } };
}

/** An address of its own first, then the larger machine, then the price, then uptime; ids break ties. */
function order(left: Listing, right: Listing, count: number): number {
  return (
    Number(left.extras.sharesAddress ?? false) - Number(right.extras.sharesAddress ?? false) ||
    right.size.vcpus - left.size.vcpus ||
    right.size.ramGb - left.size.ramGb ||
    usdPerHour(left, count) - usdPerHour(right, count) ||
    right.reliability - left.reliability ||
    (hostnodeIdOf(left) < hostnodeIdOf(right) ? -1 : 1)
  );
}

function usdPerHour({ rates, size }: Listing, count: number): number {
  return rates.gpu * count + rates.vcpu * size.vcpus + rates.ramGb * size.ramGb;
}

function hostnodeIdOf({ launchData }: Listing): string {
  return String(launchData['hostnodeId']);
}
