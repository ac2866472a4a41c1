import assert from 'node:assert/strict';
import type { Compilable, CompiledQuery, QueryResult, Transaction } from 'kysely';
import type { Tables } from './tables.ts';

interface Known<Values> {
  readonly query: CompiledQuery;
  readonly names: readonly (keyof Values & string)[];
}

type Statement<Values> = (
  trx: Transaction<Tables>,
  values: Values,
) => Promise<QueryResult<unknown>>;

/**
 * A statement that is built with the first values and then said with others: building one takes longer than running it.
 * `build` takes every field of its values once, in their order, and nothing else; all values have the same fields.
 */
export function readyStatement<Values extends object>(
  build: (trx: Transaction<Tables>, values: Values) => Compilable,
): Statement<Values> {
  let known: Known<Values> | undefined;
  return (trx, values) => {
    known ??= learn(build(trx, values).compile(), values);
    const { query, names } = known;
    assert.equal(Object.keys(values).length, names.length, 'the values have the same fields');
    return trx.executeQuery({ ...query, parameters: names.map((name) => values[name]) });
  };
}

function learn<Values extends object>(query: CompiledQuery, values: Values): Known<Values> {
  assert.deepEqual(query.parameters, Object.values(values), 'the values are taken in their order');
  return { query, names: Object.keys(values) as (keyof Values & string)[] };
}
