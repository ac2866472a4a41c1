import type { OptionalKeys, Stored } from './tables.ts';

/** A row's fields as the domain has them: what is NULL is not there at all. */
export type Present<Row> = {
  readonly [K in keyof Row as null extends Row[K] ? never : K]: Row[K];
} & {
  readonly [K in keyof Row as null extends Row[K] ? K : never]?: NonNullable<Row[K]>;
};

export function withoutNulls<Row extends object>(row: Row): Present<Row> {
  const present = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(present) as Present<Row>;
}

/** One NULL for each field that may be absent, laid under a value so that a field which went away is cleared. */
export type Nulls<T> = Readonly<Record<OptionalKeys<T>, null>>;

/** The value with NULL for every field that it does not have. */
export function withNulls<T extends object>(nulls: Nulls<T>, value: T): Stored<T> {
  return { ...nulls, ...value } as Stored<T>;
}
