import { parseJson } from '../json.ts';
import { invalidBody } from './errors.ts';
import { type Read, type Row, read, refused } from './wire.ts';

/** `select_cols`: a JSON list of names, or `["*"]`, which is also what is meant by leaving it out (§15.1). */
export function readColumns(source: string | null): Read<(row: Row) => Row> {
  if (source === null) return read((row) => row);
  const names = parseJson(source);
  if (!Array.isArray(names)) return refused(invalidBody());
  if (names.includes('*')) return read((row) => row);
  return read((row) =>
    Object.fromEntries(names.map((name) => [String(name), row[String(name)] ?? null])),
  );
}
