import { json } from '../json.ts';
import type { SimHost, SimReply } from '../model.ts';
import { listedV2Hosts, type Room, roomOn, tensordockHost } from './capacity.ts';
import { freePorts } from './port-forwards.ts';
import type { V2Context } from './v2-context.ts';
import { errorReply } from './v2-errors.ts';

/** `GET /hostnodes`, with its four filters. A filter that is no number matches nothing. */
export function listHostnodes(context: V2Context): SimReply {
  const { market, quirks, request } = context;
  if (quirks.v2HostnodesAs === 'absent') return errorReply(404, 'Not found');
  const { query } = request;
  const location = query.get('location');
  const gpu = query.get('gpu');
  const leastRamGb = Number(query.get('minRamGb') ?? 0);
  const leastVcpus = Number(query.get('minVcpu') ?? 0);
  const hosts = listedV2Hosts(market).filter((host) => {
    const room = shownRoom(context, host);
    return (
      room.gpus > 0 &&
      (location === null || host.locationId === location) &&
      (gpu === null || host.gpu.v0Name === gpu) &&
      room.ramGb >= leastRamGb &&
      room.vcpus >= leastVcpus
    );
  });
  return json(200, { data: { hostnodes: hosts.map((host) => summaryOf(context, host)) } });
}

/** `GET /hostnodes/{id}`: other names for the sizes than in the list, and the free ports. */
export function getHostnode(context: V2Context, id: string): SimReply {
  const { market, quirks } = context;
  if (quirks.v2HostnodesAs === 'absent') return errorReply(404, 'Not found');
  const host = tensordockHost(market, id);
  if (host === undefined) return errorReply(404, 'Hostnode not found');
  const room = shownRoom(context, host);
  return json(200, {
    data: {
      ...headOf(host),
      available_resources: {
        gpus: gpusOf(host, room),
        max_vcpus_per_gpu: perGpu(host).vcpus,
        max_ram_per_gpu: perGpu(host).ramGb,
        max_vcpus: room.vcpus,
        max_ram_gb: room.ramGb,
        max_storage_gb: room.diskGb,
        available_ports: [...freePorts(market, host)].sort((left, right) => left - right),
        has_public_ip_available: host.dedicatedIps,
      },
      ...tailOf(host),
    },
  });
}

/** Most vCPUs and RAM that one machine there can have for each of its GPUs. */
export function perGpu(host: SimHost): Pick<Room, 'vcpus' | 'ramGb'> {
  return {
    vcpus: Math.floor(host.vcpus / host.gpuCount),
    ramGb: Math.floor(host.ramGb / host.gpuCount),
  };
}

/** Where hostnodes are true, one that cannot be rented has no GPU to show. */
function shownRoom({ market, quirks }: V2Context, host: SimHost): Room {
  const room = roomOn(market, host);
  const isKnownStale = quirks.v2HostnodesAs === 'fresh' && host.nature === 'stale';
  return isKnownStale ? { ...room, gpus: 0 } : room;
}

function summaryOf(context: V2Context, host: SimHost) {
  const room = shownRoom(context, host);
  return {
    ...headOf(host),
    available_resources: {
      gpus: gpusOf(host, room),
      vcpu_count: room.vcpus,
      ram_gb: room.ramGb,
      storage_gb: room.diskGb,
      has_public_ip_available: host.dedicatedIps,
    },
    ...tailOf(host),
  };
}

function headOf(host: SimHost) {
  return {
    id: host.id,
    location_id: host.locationId,
    engine: 'Narwhal',
    uptime_percentage: Math.round(host.reliability * 10_000) / 100,
  };
}

function gpusOf({ gpu, rates }: SimHost, room: Room) {
  return [{ v0Name: gpu.v0Name, availableCount: room.gpus, price_per_hr: rates.gpuHour }];
}

function tailOf(host: SimHost) {
  return {
    pricing: {
      per_vcpu_hr: host.rates.vcpuHour,
      per_gb_ram_hr: host.rates.ramGbHour,
      per_gb_storage_hr: host.rates.storage,
    },
    location: {
      uuid: host.locationId,
      city: host.city,
      stateprovince: host.region,
      country: host.country,
      has_network_storage: false,
      network_speed_gbps: host.inetDownMbps / 1000,
      network_speed_upload_gbps: host.inetUpMbps / 1000,
      organization: `00000000-0000-4000-8000-${String(host.ownerId).padStart(12, '0')}`,
      organizationName: `Host ${host.ownerId}`,
      tier: host.tier,
    },
  };
}
