import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Amount, OptionalAmount, OptionalText, PlainId } from '../wire-values.ts';

/** GPU model and count come as lists of one; what has several kinds of GPU is no offer of ours. */
const InstantRow = Type.Object({
  uuid: PlainId,
  hostnode: PlainId,
  location: PlainId,
  city: OptionalText,
  stateprovince: OptionalText,
  country: OptionalText,
  cpu_count: Type.Integer({ minimum: 1 }),
  ram: Type.Number({ exclusiveMinimum: 0 }),
  storage: Type.Number({ exclusiveMinimum: 0 }),
  gpu_count: Type.Array(Type.Integer({ minimum: 1, maximum: 64 }), { minItems: 1, maxItems: 1 }),
  gpu_model: Type.Array(Type.String({ pattern: '^[A-Za-z0-9_.-]{1,80}$' }), {
    minItems: 1,
    maxItems: 1,
  }),
  price: Type.Object({
    compute_price: Amount,
    storage_price: Amount,
    vcpus_price: OptionalAmount,
    ram_price: OptionalAmount,
  }),
  uptime: OptionalAmount,
});
export type InstantRow = Static<typeof InstantRow>;

const InstantAnswer = Type.Object({
  virtual_machines: Type.Record(Type.String(), Type.Unknown()),
});

/** Every readable machine. */
export function readInstantVms(json: unknown): InstantRow[] | undefined {
  if (!Value.Check(InstantAnswer, json)) return undefined;
  return Object.values(json.virtual_machines).filter((row): row is InstantRow =>
    Value.Check(InstantRow, row),
  );
}
