import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { OptionalAmount, OptionalText, PlainId } from '../wire-values.ts';

const Stock = Type.Object({ amount: Type.Number(), price: Type.Number({ minimum: 0 }) });
export type Stock = Static<typeof Stock>;

const HostnodeRow = Type.Object({
  location: Type.Object({
    id: PlainId,
    city: OptionalText,
    region: OptionalText,
    country: OptionalText,
  }),
  networking: Type.Object({
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 })),
    receive: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    send: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  }),
  specs: Type.Object({
    cpu: Stock,
    gpu: Type.Record(Type.String(), Type.Unknown()),
    ram: Stock,
    storage: Stock,
  }),
  status: Type.Object({
    listed: Type.Boolean(),
    online: Type.Boolean(),
    uptime: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  }),
});
export type HostnodeRow = Static<typeof HostnodeRow>;

const AnyMap = Type.Record(Type.String(), Type.Unknown());
const HostnodesAnswer = Type.Object({ hostnodes: AnyMap });

/** An Instant VM is named `vm` in one document and `server` in the other. */
const DeployedAnswer = Type.Union([
  Type.Object({ success: Type.Literal(true), server: PlainId }),
  Type.Object({ success: Type.Literal(true), vm: PlainId }),
]);

const MachineRow = Type.Object({
  /** May be null; a row without it cannot be told from one of ours. */
  name: Type.Union([Type.String(), Type.Null()]),
  status: Type.String({ minLength: 1 }),
  hostname: OptionalText,
  ip: OptionalText,
  ip_address: OptionalText,
  dedicated_ip_address: OptionalText,
  default_user: OptionalText,
  port_forwards: Type.Optional(Type.Unknown()),
  /** `spot` or `ondem`. */
  type: Type.Optional(Type.Unknown()),
  timestamp_creation: OptionalText,
  total_price: OptionalAmount,
  rate_hourly: OptionalAmount,
  compute_price: OptionalAmount,
  storage_price: OptionalAmount,
});
export type MachineRow = Static<typeof MachineRow>;

const IdentifiedRow = Type.Object({ id: PlainId });
const NamedRow = Type.Object({ id: Type.Unknown() });
const ListAnswer = Type.Object({
  virtualmachines: Type.Union([Type.Array(Type.Unknown()), AnyMap]),
});
const SingleAnswer = Type.Object({ virtualmachine: Type.Unknown() });

export interface Hostnode {
  readonly id: string;
  readonly row: HostnodeRow;
  /** By v0Name; unreadable entries are left out. */
  readonly gpus: readonly (readonly [v0Name: string, stock: Stock])[];
}

export interface Machine {
  readonly id: string;
  readonly row: MachineRow;
}

/**
 * Every readable hostnode, under `hostnodes` or, as another document has it, bare. When not one can be read the format has
 * changed, and the market is not empty.
 */
export function readHostnodes(json: unknown): Hostnode[] | undefined {
  const isNamed = Value.Check(HostnodesAnswer, json);
  const map = isNamed ? json.hostnodes : json;
  if (!Value.Check(AnyMap, map)) return undefined;
  const hostnodes = hostnodesIn(map);
  const isEmpty = isNamed && Object.keys(map).length === 0;
  return hostnodes.length > 0 || isEmpty ? hostnodes : undefined;
}

export function readDeployedId(json: unknown): string | undefined {
  if (!Value.Check(DeployedAnswer, json)) return undefined;
  return 'server' in json ? json.server : json.vm;
}

/** Every machine, from a map by id or a list with ids; undefined when a single one cannot be read. */
export function readMachines(json: unknown): Machine[] | undefined {
  if (!Value.Check(ListAnswer, json)) return undefined;
  const { virtualmachines } = json;
  const machines = Array.isArray(virtualmachines)
    ? virtualmachines.map((item) => machineOf(ownId(item), item))
    : Object.entries(virtualmachines).map(([id, item]) => machineOf(id, item));
  return machines.every((machine) => machine !== undefined) ? machines : undefined;
}

/** One machine, under `virtualmachine` or bare. It need not name itself; when it does, it has to be the one asked for. */
export function readMachine(id: string, json: unknown): Machine | undefined {
  const item = Value.Check(SingleAnswer, json) ? json.virtualmachine : json;
  return isNamedOtherwise(item, id) ? undefined : machineOf(id, item);
}

function hostnodesIn(map: Readonly<Record<string, unknown>>): Hostnode[] {
  return Object.entries(map).flatMap(([id, row]) =>
    Value.Check(PlainId, id) && Value.Check(HostnodeRow, row)
      ? [{ id, row, gpus: Object.entries(row.specs.gpu).flatMap(gpuStock) }]
      : [],
  );
}

function gpuStock([v0Name, stock]: [string, unknown]): [string, Stock][] {
  return /^[A-Za-z0-9_.-]{1,80}$/.test(v0Name) && Value.Check(Stock, stock)
    ? [[v0Name, stock]]
    : [];
}

function isNamedOtherwise(item: unknown, id: string): boolean {
  return Value.Check(NamedRow, item) && item.id !== null && item.id !== id;
}

function ownId(item: unknown): string | undefined {
  return Value.Check(IdentifiedRow, item) ? item.id : undefined;
}

function machineOf(id: string | undefined, item: unknown): Machine | undefined {
  if (!Value.Check(PlainId, id) || !Value.Check(MachineRow, item)) return undefined;
  return { id, row: item };
}
