import { json } from '../json.ts';
import type { Marketplace, SimHost, SimReply } from '../model.ts';
import { listedV2Hosts, roomOn, tensordockHost } from './capacity.ts';
import { freePorts } from './port-forwards.ts';
import type { V2Context } from './v2-context.ts';
import { errorReply } from './v2-errors.ts';

/** `GET /hostnodes`, with its four filters. A filter that is no number matches nothing. */
export function listHostnodes({ market, request: { query } }: V2Context): SimReply {
  const location = query.get('location');
  const gpu = query.get('gpu');
  const leastRamGb = Number(query.get('minRamGb') ?? 0);
  const leastVcpus = Number(query.get('minVcpu') ?? 0);
  const hosts = listedV2Hosts(market).filter((host) => {
    const room = roomOn(market, host);
    return (
      (location === null || host.locationId === location) &&
      (gpu === null || host.gpu.v0Name === gpu) &&
      room.ramGb >= leastRamGb &&
      room.vcpus >= leastVcpus
    );
  });
  return json(200, { data: { hostnodes: hosts.map((host) => summaryOf(market, host)) } });
}

/** `GET /hostnodes/{id}`: other names for the sizes than in the list, and the free ports. */
export function getHostnode({ market }: V2Context, id: string): SimReply {
  const host = tensordockHost(market, id);
  if (host === undefined) return errorReply(404, 'Hostnode not found');
  const room = roomOn(market, host);
  return json(200, {
    data: {
      ...headOf(host),
      available_resources: {
        gpus: gpusOf(market, host),
        max_vcpus_per_gpu: Math.floor(host.vcpus / host.gpuCount),
        max_ram_per_gpu: Math.floor(host.ramGb / host.gpuCount),
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

function summaryOf(market: Marketplace, host: SimHost) {
  const room = roomOn(market, host);
  return {
    ...headOf(host),
    available_resources: {
      gpus: gpusOf(market, host),
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

function gpusOf(market: Marketplace, host: SimHost) {
  const { gpus } = roomOn(market, host);
  const { v0Name } = host.gpu;
  return [{ v0Name, availableCount: gpus, price_per_hr: host.rates.gpuHour }];
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
