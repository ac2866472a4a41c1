import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/**
 * What is read of the answers, and nothing else. Everything but what identifies a row may be null or missing
 * (docs and live rows, 2026); more fields than these are expected and ignored.
 */
const maybe = <Schema extends TSchema>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

const Id = Type.Union([
  Type.Integer({ minimum: 1 }),
  Type.String({ pattern: '^[1-9][0-9]{0,18}$' }),
]);

export const OfferRow = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  machine_id: maybe(Type.Integer()),
  /** The account that owns the machine. */
  host_id: maybe(Type.Integer()),
  gpu_name: Type.String({ minLength: 1, maxLength: 100 }),
  num_gpus: Type.Integer({ minimum: 1, maximum: 1_024 }),
  /** MB per GPU, as the driver reports it. */
  /** MB. */
  gpu_ram: Type.Number({ exclusiveMinimum: 0, maximum: 100_000_000 }),
  gpu_frac: maybe(Type.Number()),
  cpu_cores: maybe(Type.Number()),
  cpu_cores_effective: maybe(Type.Number()),
  /** MB of the whole machine. */
  cpu_ram: maybe(Type.Number()),
  /** GB that can still be allocated. */
  disk_space: maybe(Type.Number()),
  /** Mb/s. */
  inet_down: maybe(Type.Number()),
  inet_up: maybe(Type.Number()),
  cuda_max_good: maybe(Type.Number()),
  /** Ports that the machine can map to itself, SSH's included; 0 = none. */
  direct_port_count: maybe(Type.Integer({ minimum: 0 })),
  geolocation: maybe(Type.String()),
  /** Dollars an hour for the whole offer: without disk, with disk, and the least bid. */
  dph_base: maybe(Type.Number()),
  dph_total: maybe(Type.Number()),
  min_bid: maybe(Type.Number()),
  /** Dollars per GB and month of 720 hours. */
  storage_cost: maybe(Type.Number()),
  reliability: maybe(Type.Number()),
  reliability2: maybe(Type.Number()),
  verification: maybe(Type.String()),
  rentable: maybe(Type.Boolean()),
  rented: maybe(Type.Boolean()),
  is_bid: maybe(Type.Boolean()),
  /** Seconds until the offer's end. */
  duration: maybe(Type.Number()),
});
export type OfferRow = Static<typeof OfferRow>;

export const OffersReply = Type.Object({ offers: Type.Array(Type.Unknown()) });

/** The least that has to be readable of an instance: without it nobody could say whether it is ours. */
export const InstanceStub = Type.Object({
  id: Id,
  label: Type.Union([Type.String(), Type.Null()]),
});
export type InstanceStub = Static<typeof InstanceStub>;

export const InstanceRow = Type.Composite([
  InstanceStub,
  Type.Object({
    actual_status: maybe(Type.String()),
    intended_status: maybe(Type.String()),
    cur_state: maybe(Type.String()),
    next_state: maybe(Type.String()),
    status_msg: maybe(Type.String()),
    is_bid: maybe(Type.Boolean()),
    /** Dollars an hour. */
    min_bid: maybe(Type.Number()),
    /** Epoch seconds of the contract's end. */
    end_date: maybe(Type.Number()),
    image_runtype: maybe(Type.String()),
    ssh_host: maybe(Type.String()),
    ssh_port: maybe(Type.Number()),
    public_ipaddr: maybe(Type.String()),
    /** The docs type it as a list, live rows are an object: each entry is read by {@link PortBindings} alone. */
    ports: Type.Optional(Type.Unknown()),
    /** Epoch seconds of the contract's start. */
    start_date: maybe(Type.Number()),
    uptime_mins: maybe(Type.Number()),
    dph_base: maybe(Type.Number()),
    dph_total: maybe(Type.Number()),
    storage_total_cost: maybe(Type.Number()),
    /** What the contract burns now, dollars an hour. */
    instance: maybe(
      Type.Object({
        gpuCostPerHour: maybe(Type.Number()),
        diskHour: maybe(Type.Number()),
        totalHour: maybe(Type.Number()),
      }),
    ),
  }),
]);
export type InstanceRow = Static<typeof InstanceRow>;

/** Where one port of the container is reached: a row for IPv4 and one for IPv6. */
export const PortBindings = Type.Array(
  Type.Object({ HostPort: Type.Union([Type.String(), Type.Integer()]) }),
);

export const InstancesReply = Type.Object({
  instances: Type.Union([Type.Array(Type.Unknown()), Type.Null()]),
  instances_found: maybe(Type.Integer({ minimum: 0 })),
  total_instances: maybe(Type.Integer({ minimum: 0 })),
  next_token: maybe(Type.String()),
});
export type InstancesReply = Static<typeof InstancesReply>;

/** One object, or null, under the plural name. */
export const InstanceReply = Type.Object({
  instances: Type.Union([Type.Object({}), Type.Null()]),
});

/** How a change that returns nothing else says yes. */
export const Done = Type.Object({ success: Type.Literal(true) });

export const Contract = Type.Object({ new_contract: Id });

export const ChargesReply = Type.Object({
  results: Type.Union([Type.Array(Type.Unknown()), Type.Null()]),
  count: maybe(Type.Integer({ minimum: 0 })),
  total: maybe(Type.Integer({ minimum: 0 })),
  next_token: maybe(Type.String()),
});
export type ChargesReply = Static<typeof ChargesReply>;

/** Dollars; seen as a number, and as text by one source. */
const Amount = Type.Union([
  Type.Number(),
  Type.String({ pattern: '^-?[0-9]+(\\.[0-9]+)?$', maxLength: 32 }),
]);

/** What one instance came to, in all the time that was asked for or on one day of it. */
export const ChargeRow = Type.Object({
  source: Type.String({ pattern: '^instance-[1-9][0-9]{0,18}$' }),
  amount: Amount,
  items: maybe(Type.Array(Type.Object({ type: Type.String(), amount: Amount }))),
});
export type ChargeRow = Static<typeof ChargeRow>;

/** A row of another kind, which is not about an instance. */
export const OtherCharge = Type.Object({
  type: Type.Union([Type.Literal('volume'), Type.Literal('serverless')]),
});

export const UserReply = Type.Object({ credit: maybe(Type.Number()) });

export const TemplatesReply = Type.Object({
  templates: Type.Union([Type.Array(Type.Unknown()), Type.Null()]),
});

export const TemplateRow = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  hash_id: Type.String({ minLength: 1, maxLength: 128 }),
  name: Type.String({ maxLength: 1_000 }),
  image: Type.String({ minLength: 1, maxLength: 1_024 }),
  tag: maybe(Type.String()),
  /** Docker flags as one text, by all sources; whatever else it may be is not read. */
  env: Type.Optional(Type.Unknown()),
  onstart: maybe(Type.String()),
  runtype: maybe(Type.String()),
  use_ssh: maybe(Type.Boolean()),
  ssh_direct: maybe(Type.Boolean()),
  recommended: maybe(Type.Boolean()),
  /** GB. */
  recommended_disk_space: maybe(Type.Number()),
  /** JSON as text, which may be empty, `null` or broken; an object is accepted too. */
  extra_filters: Type.Optional(Type.Unknown()),
  creator_id: maybe(Type.Integer()),
  /** Epoch seconds by the docs, RFC 3339 with an offset in what other brokers show of it. */
  created_at: Type.Optional(Type.Unknown()),
  count_created: maybe(Type.Integer()),
});
export type TemplateRow = Static<typeof TemplateRow>;

/** What every refusal may carry; each field is read only when it is text. */
const Envelope = Type.Object({
  success: Type.Optional(Type.Unknown()),
  error: Type.Optional(Type.Unknown()),
  msg: Type.Optional(Type.Unknown()),
  message: Type.Optional(Type.Unknown()),
  detail: Type.Optional(Type.Unknown()),
});

export interface Verdict {
  /** False only when the answer says so in as many words. */
  readonly isSuccess: boolean;
  /** The stable code, '' when there is none. */
  readonly code: string;
  /** Whatever the answer says, for telling its meaning; it may echo our request and is never shown. */
  readonly text: string;
}

/** Texts longer than this hold a page, not a message. */
const MAX_TEXT_LENGTH = 2_000;

export function verdictOf(reply: { readonly json: unknown; readonly text: string }): Verdict {
  if (!Value.Check(Envelope, reply.json)) {
    return { isSuccess: true, code: '', text: reply.text.slice(0, MAX_TEXT_LENGTH) };
  }
  const { success, error, msg, message, detail } = reply.json;
  const texts = [error, msg, message, detail].filter((field) => typeof field === 'string');
  return {
    isSuccess: success !== false,
    code: typeof error === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(error) ? error : '',
    text: texts.join(' ').slice(0, MAX_TEXT_LENGTH),
  };
}

/** The id of the instance that an answer to a launch names, whatever else it says. */
export function contractOf(json: unknown): string | undefined {
  return Value.Check(Contract, json) ? String(json.new_contract) : undefined;
}
