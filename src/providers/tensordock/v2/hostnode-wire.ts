import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { OptionalText, PlainId } from '../wire-values.ts';
import { gpuEntries, V0Name } from './gpu-entries.ts';

const OptionalNumber = Type.Optional(Type.Union([Type.Number(), Type.Null()]));

const HostnodeGpu = Type.Object({
  v0Name: V0Name,
  availableCount: Type.Integer({ minimum: 0 }),
  price_per_hr: Type.Number({ exclusiveMinimum: 0 }),
});

/** Sizes have other names in the list (`vcpu_count`) than where one hostnode is asked for (`max_vcpus`). */
const Resources = Type.Object({
  gpus: Type.Unknown(),
  vcpu_count: OptionalNumber,
  max_vcpus: OptionalNumber,
  ram_gb: OptionalNumber,
  max_ram_gb: OptionalNumber,
  storage_gb: OptionalNumber,
  max_storage_gb: OptionalNumber,
  max_vcpus_per_gpu: OptionalNumber,
  max_ram_per_gpu: OptionalNumber,
  available_ports: Type.Optional(Type.Unknown()),
  has_public_ip_available: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
});

const HostnodeRow = Type.Object({
  id: PlainId,
  location_id: Type.Optional(Type.Union([PlainId, Type.Null()])),
  uptime_percentage: OptionalNumber,
  available_resources: Resources,
  /** Without unit prices nobody knows what a machine there costs. */
  pricing: Type.Object({
    per_vcpu_hr: Type.Number({ minimum: 0 }),
    per_gb_ram_hr: Type.Number({ minimum: 0 }),
    per_gb_storage_hr: Type.Number({ minimum: 0 }),
  }),
  location: Type.Optional(
    Type.Object({
      uuid: Type.Optional(Type.Union([PlainId, Type.Null()])),
      city: OptionalText,
      stateprovince: OptionalText,
      country: OptionalText,
      tier: OptionalNumber,
      network_speed_gbps: OptionalNumber,
      network_speed_upload_gbps: OptionalNumber,
    }),
  ),
});
export type HostnodeRow = Static<typeof HostnodeRow>;

const HostnodesAnswer = Type.Object({
  data: Type.Object({ hostnodes: Type.Array(Type.Unknown()) }),
});
const HostnodeAnswer = Type.Object({ data: Type.Unknown() });

/** One host with what is free on it at the moment. */
export interface Hostnode {
  readonly id: string;
  readonly locationId: string;
  readonly gpus: readonly HostnodeGpu[];
  readonly vcpus: number;
  readonly ramGb: number;
  readonly diskGb: number;
  readonly hasPublicIp: boolean;
  /** Empty where the answer lists none, as the list of hostnodes does. */
  readonly freePorts: readonly number[];
  /** The most of one machine for each of its GPUs; Infinity where the answer does not tell. */
  readonly vcpusPerGpu: number;
  readonly ramGbPerGpu: number;
  readonly pricing: HostnodeRow['pricing'];
  /** 0 to 1. */
  readonly uptime?: number;
  readonly place: NonNullable<HostnodeRow['location']>;
}
export type HostnodeGpu = Static<typeof HostnodeGpu>;

/** Every readable hostnode; undefined when the answer is no list of hostnodes, or one of which nothing can be read. */
export function readHostnodes(json: unknown): Hostnode[] | undefined {
  if (!Value.Check(HostnodesAnswer, json)) return undefined;
  const sent = json.data.hostnodes;
  const found = sent.map(readRow).filter((hostnode) => hostnode !== undefined);
  return found.length === 0 && sent.length > 0 ? undefined : found;
}

/** One hostnode with its free ports. */
export function readHostnode(json: unknown): Hostnode | undefined {
  return Value.Check(HostnodeAnswer, json) ? readRow(json.data) : undefined;
}

function readRow(row: unknown): Hostnode | undefined {
  if (!Value.Check(HostnodeRow, row)) return undefined;
  const locationId = row.location_id ?? row.location?.uuid;
  if (!locationId) return undefined;
  const { available_resources: free } = row;
  return {
    id: row.id,
    locationId,
    gpus: gpuEntries(free.gpus).filter((gpu): gpu is HostnodeGpu => Value.Check(HostnodeGpu, gpu)),
    vcpus: free.vcpu_count ?? free.max_vcpus ?? 0,
    ramGb: free.ram_gb ?? free.max_ram_gb ?? 0,
    diskGb: free.storage_gb ?? free.max_storage_gb ?? 0,
    hasPublicIp: free.has_public_ip_available === true,
    freePorts: portsIn(free.available_ports),
    vcpusPerGpu: free.max_vcpus_per_gpu ?? Number.POSITIVE_INFINITY,
    ramGbPerGpu: free.max_ram_per_gpu ?? Number.POSITIVE_INFINITY,
    pricing: row.pricing,
    ...uptimeOf(row),
    place: row.location ?? {},
  };
}

const Port = Type.Integer({ minimum: 1, maximum: 65_535 });

function portsIn(listed: unknown): number[] {
  const ports: readonly unknown[] = Array.isArray(listed) ? listed : [];
  return ports.filter((port): port is number => Value.Check(Port, port));
}

function uptimeOf({ uptime_percentage: percent }: HostnodeRow): Pick<Hostnode, 'uptime'> {
  return typeof percent === 'number' ? { uptime: Math.min(Math.max(percent / 100, 0), 1) } : {};
}
