import type { SimHost, SimTraffic } from '../model.ts';
import type { Row } from './wire.ts';

/** What an offer and an instance on the same machine show alike (§6, §8.4). */
export function machineRow(host: SimHost, gpuCount: number, traffic: SimTraffic): Row {
  return {
    machine_id: host.machineId,
    host_id: host.ownerId,
    bundle_id: 800_000 + host.machineId,
    hosting_type: host.datacenter ? 1 : 0,
    external: null,
    gpu_name: host.gpu.vastName,
    num_gpus: gpuCount,
    gpu_ram: host.gpu.vramMb,
    gpu_frac: gpuCount / host.gpuCount,
    gpu_arch: 'nvidia',
    compute_cap: host.gpu.computeCap,
    cuda_max_good: host.cudaMax,
    driver_version: host.driverVersion,
    driver_vers: driverNumber(host.driverVersion),
    gpu_lanes: 16,
    pci_gen: 4,
    cpu_name: host.cpuName,
    cpu_arch: 'amd64',
    cpu_cores: isSilentAboutCores(host) ? null : host.vcpus,
    cpu_cores_effective: (host.vcpus * gpuCount) / host.gpuCount,
    cpu_ram: host.ramGb * 1_024,
    has_avx: 1,
    os_version: '22.04',
    inet_down: host.inetDownMbps,
    inet_up: host.inetUpMbps,
    inet_down_cost: traffic.down,
    inet_up_cost: traffic.up,
    internet_down_cost_per_tb: traffic.down * 1_000,
    internet_up_cost_per_tb: traffic.up * 1_000,
    direct_port_count: host.directPorts,
    static_ip: host.datacenter,
    geolocation: geolocation(host),
    reliability2: host.reliability,
    verification: verification(host),
    storage_cost: host.rates.storage,
    end_date: host.offeredUntil / 1_000,
  };
}

/** §5.6: each part padded to three digits, `535.86.05` → 535086005. */
function driverNumber(version: string): number {
  const [major = '0', minor = '0', patch = '0'] = version.split('.');
  return Number(`${major}${minor.padStart(3, '0')}${patch.padStart(3, '0')}`);
}

/** "Region, CC"; some machines leave the region out and some tell nothing. Which ones, their number decides. */
function geolocation(host: SimHost): string | null {
  if (host.machineId % 17 === 3) return null;
  if (host.machineId % 17 === 5) return `, ${host.countryCode}`;
  return `${host.region || host.city}, ${host.countryCode}`;
}

function isSilentAboutCores(host: SimHost): boolean {
  return host.machineId % 13 === 7;
}

function verification(host: SimHost): string {
  if (host.verified) return 'verified';
  return host.machineId % 5 === 0 ? 'deverified' : 'unverified';
}
