import { json } from '../json.ts';
import type { Marketplace, SimReply } from '../model.ts';

/** Names that are on offer at present. */
export function gpuNames(market: Marketplace): SimReply {
  return json(200, { gpu_names: [...gpuSizes(market).keys()] });
}

export function gpuTypes(market: Marketplace): SimReply {
  const types = [...gpuSizes(market)].map(([name, vramMb]) => ({
    canonical_name: name,
    gpu_ram_mb: vramMb,
  }));
  return json(200, { gpu_types: types });
}

function gpuSizes(market: Marketplace): ReadonlyMap<string, number> {
  return new Map(market.hosts('vastai').map(({ gpu }) => [gpu.vastName, gpu.vramMb]));
}
