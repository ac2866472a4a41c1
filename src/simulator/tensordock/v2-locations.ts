import { json } from '../json.ts';
import type { Marketplace, SimHost, SimReply } from '../model.ts';
import { listedV2Hosts, roomOn } from './capacity.ts';
import type { V2Context } from './v2-context.ts';

/** `GET /locations`: a row a location, in it an entry a GPU model; the hostnodes behind do not show. */
export function listLocations({ market }: V2Context): SimReply {
  const byLocation = groupBy(listedV2Hosts(market), (host) => host.locationId);
  const locations = [...byLocation.values()].map((hosts) => locationRow(market, hosts));
  return json(200, { data: { locations } });
}

type Some<T> = readonly [T, ...T[]];

function locationRow(market: Marketplace, hosts: Some<SimHost>) {
  const [first] = hosts;
  const byGpu = groupBy(hosts, (host) => host.gpu.v0Name);
  return {
    id: first.locationId,
    city: first.city,
    stateprovince: first.region,
    country: first.country,
    tier: first.tier,
    gpus: [...byGpu.values()].map((same) => gpuEntry(market, same)),
  };
}

/** The greatest sizes of any one hostnode, and the prices of the one that a deployment would land on. */
function gpuEntry(market: Marketplace, hosts: Some<SimHost>) {
  const rooms = hosts.map((host) => roomOn(market, host));
  const [{ gpu, rates }] = hosts;
  return {
    v0Name: gpu.v0Name,
    displayName: gpu.displayName,
    max_count: Math.max(...rooms.map((room) => room.gpus)),
    price_per_hr: rates.gpuHour,
    resources: {
      max_vcpus: Math.max(...rooms.map((room) => room.vcpus)),
      max_ram_gb: Math.max(...rooms.map((room) => room.ramGb)),
      max_storage_gb: Math.max(...rooms.map((room) => room.diskGb)),
    },
    pricing: {
      per_vcpu_hr: rates.vcpuHour,
      per_gb_ram_hr: rates.ramGbHour,
      per_gb_storage_hr: rates.storage,
    },
    network_features: {
      dedicated_ip_available: hosts.some((host) => host.dedicatedIps),
      port_forwarding_available: hosts.some((host) => host.portForwards),
      network_storage_available: false,
    },
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, Some<T>> {
  const groups = new Map<string, Some<T>>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    groups.set(keyOf(item), group === undefined ? [item] : [...group, item]);
  }
  return groups;
}
