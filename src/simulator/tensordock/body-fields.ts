import { isObject, parseJson } from '../json.ts';
import type { Issue } from './v2-errors.ts';

type Path = readonly string[];

/** Reads a JSON body field by field and collects every complaint, each with its path. */
export interface BodyFields {
  readonly issues: readonly Issue[];
  value(path: Path): unknown;
  /** Non-empty text; '' with a complaint otherwise. */
  text(path: Path): string;
  /** Undefined when absent. */
  optionalText(path: Path): string | undefined;
  integer(path: Path, least: number): number;
  optionalInteger(path: Path, least: number): number | undefined;
  optionalBoolean(path: Path): boolean | undefined;
  list(path: Path): readonly unknown[];
  complain(path: Path, message: string): void;
}

export function readBody(body: string): BodyFields {
  const issues: Issue[] = [];
  // A body that is no JSON reads as one without any field, so that each required one is missed.
  const root = parseJson(body);
  const value = (path: Path) => walk(root, path);
  const complain = (path: Path, message: string, code = 'custom') => {
    issues.push({ code, message, path });
  };
  const wrongType = (path: Path, wanted: string) => {
    const received = nameOfType(value(path));
    complain(
      path,
      received === 'undefined' ? 'Required' : `Expected ${wanted}, received ${received}`,
      'invalid_type',
    );
  };
  const text = (path: Path) => {
    const found = value(path);
    if (typeof found === 'string' && found !== '') return found;
    if (found === '') complain(path, 'String must contain at least 1 character(s)', 'too_small');
    else wrongType(path, 'string');
    return '';
  };
  const integer = (path: Path, least: number) => {
    const found = value(path);
    if (typeof found !== 'number') wrongType(path, 'number');
    else if (!Number.isInteger(found)) complain(path, 'Expected integer, received float');
    else if (found >= least) return found;
    else complain(path, `Number must be greater than or equal to ${least}`, 'too_small');
    return least;
  };
  return {
    issues,
    value,
    text,
    integer,
    complain: (path, message) => complain(path, message),
    optionalText: (path) => (value(path) === undefined ? undefined : text(path)),
    optionalInteger: (path, least) =>
      value(path) === undefined ? undefined : integer(path, least),
    optionalBoolean(path) {
      const found = value(path);
      if (found === undefined || typeof found === 'boolean') return found;
      wrongType(path, 'boolean');
      return undefined;
    },
    list(path) {
      const found = value(path);
      if (found === undefined || Array.isArray(found)) return found ?? [];
      wrongType(path, 'array');
      return [];
    },
  };
}

function walk(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), root);
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
