import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { OptionalAmount, OptionalText, PlainId } from '../wire-values.ts';
import { gpuEntries, V0Name } from './gpu-entries.ts';

const GpuRow = Type.Object({
  v0Name: V0Name,
  displayName: OptionalText,
  max_count: Type.Integer({ minimum: 1 }),
  price_per_hr: Type.Number({ exclusiveMinimum: 0 }),
  resources: Type.Object({
    max_vcpus: Type.Number(),
    max_ram_gb: Type.Number(),
    max_storage_gb: Type.Number(),
  }),
  network_features: Type.Optional(
    Type.Object({
      dedicated_ip_available: Type.Optional(Type.Boolean()),
      port_forwarding_available: Type.Optional(Type.Boolean()),
    }),
  ),
  pricing: Type.Optional(
    Type.Object({
      per_vcpu_hr: Type.Optional(Type.Number({ minimum: 0 })),
      per_gb_ram_hr: Type.Optional(Type.Number({ minimum: 0 })),
      per_gb_storage_hr: Type.Optional(Type.Number({ minimum: 0 })),
    }),
  ),
});
export type GpuRow = Static<typeof GpuRow>;

const LocationRow = Type.Object({
  id: PlainId,
  city: OptionalText,
  stateprovince: OptionalText,
  country: OptionalText,
  tier: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  gpus: Type.Unknown(),
});
export type LocationRow = Static<typeof LocationRow>;

const LocationsAnswer = Type.Object({
  data: Type.Object({ locations: Type.Array(Type.Unknown()) }),
});

const CreatedAnswer = Type.Object({
  data: Type.Object({ id: PlainId }),
});

/** One machine, its attributes beside its id: the form seen live, and what the JSON:API form is turned into. */
const InstanceRow = Type.Object({
  id: PlainId,
  /** May be null; a row without it cannot be told from one of ours. */
  name: Type.Union([Type.String(), Type.Null()]),
  status: Type.String({ minLength: 1 }),
  ipAddress: OptionalText,
  portForwards: Type.Optional(Type.Unknown()),
  rateHourly: OptionalAmount,
  price_per_hour: OptionalAmount,
  created_at: OptionalText,
});
export type InstanceRow = Static<typeof InstanceRow>;

const JsonApiItem = Type.Object({ attributes: Type.Object({}) });
const ListAnswer = Type.Union([
  Type.Object({ data: Type.Array(Type.Unknown()) }),
  Type.Object({ data: Type.Object({ instances: Type.Array(Type.Unknown()) }) }),
]);
const WrappedAnswer = Type.Object({ data: Type.Object({}) });

const PageMarks = Type.Object({
  total: Type.Optional(Type.Number()),
  has_more: Type.Optional(Type.Boolean()),
  next: OptionalText,
});
const PagedAnswer = Type.Object({
  meta: Type.Optional(PageMarks),
  links: Type.Optional(PageMarks),
  pagination: Type.Optional(PageMarks),
});

export interface LocationGpu {
  readonly location: LocationRow;
  readonly gpu: GpuRow;
}

/**
 * Every readable GPU row of every readable location; undefined when the answer is no list of locations, and when not one of
 * those that were sent can be read: then the format has changed, and the market is not empty.
 */
export function readLocations(json: unknown): LocationGpu[] | undefined {
  if (!Value.Check(LocationsAnswer, json)) return undefined;
  const sent = json.data.locations;
  const locations = sent.filter((row): row is LocationRow => Value.Check(LocationRow, row));
  const rows = locations.flatMap((location) =>
    gpuEntries(location.gpus).map((gpu) => ({ location, gpu })),
  );
  const found = rows.filter((row): row is LocationGpu => Value.Check(GpuRow, row.gpu));
  const hasRows = rows.length > 0 || locations.length < sent.length;
  return found.length === 0 && hasRows ? undefined : found;
}

export function readCreatedId(json: unknown): string | undefined {
  return Value.Check(CreatedAnswer, json) ? json.data.id : undefined;
}

/** Every machine of the account; undefined when one row cannot be read or the answer is only a part of the list. */
export function readInstances(json: unknown): InstanceRow[] | undefined {
  if (!Value.Check(ListAnswer, json)) return undefined;
  const items = Array.isArray(json.data) ? json.data : json.data.instances;
  const rows = items.map(readInstance);
  if (!isWhole(json, rows.length)) return undefined;
  return rows.every((row) => row !== undefined) ? rows : undefined;
}

/** One machine, bare or wrapped in `data`, flat or with `attributes`. */
export function readSingle(json: unknown): InstanceRow | undefined {
  return readInstance(Value.Check(WrappedAnswer, json) ? json.data : json);
}

function readInstance(item: unknown): InstanceRow | undefined {
  const flat = Value.Check(JsonApiItem, item) ? { ...item.attributes, ...item } : item;
  return Value.Check(InstanceRow, flat) ? flat : undefined;
}

/** No paging has been seen; should it come, a page must not pass for the whole. */
function isWhole(json: unknown, count: number): boolean {
  if (!Value.Check(PagedAnswer, json)) return true;
  return [json.meta, json.links, json.pagination].every(
    (marks) => !(marks?.next || marks?.has_more || (marks?.total ?? 0) > count),
  );
}
