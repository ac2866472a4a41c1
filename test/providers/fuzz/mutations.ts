import fc from 'fast-check';
import type { Exchange } from '../conformance/recorded-case.ts';
import { responseOf } from '../conformance/scripted-wire.ts';

/** Words in whose place the text gets what no value can hold, or what would be a page in every report of a failure. */
const WRITTEN: Readonly<Record<string, string>> = {
  '@@endless@@': '1e999',
  '@@nest@@': `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  '@@page@@': `"${'x'.repeat(200_000)}"`,
};

/** Values that no field of any answer should have, and some that any may. */
const ODD: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, false, 0, -1, 0.5, -0.1, 1e15, 1e300, -1e300, 2 ** 53, ...Object.keys(WRITTEN)],
    ...[
      '',
      ' ',
      '0',
      '-1',
      'null',
      'NaN',
      'deleted?',
      'running',
      'x'.repeat(100_000),
      '\u0000',
      '\ud800',
    ],
    ...['<html></html>', '__proto__', '../..', "'; DROP TABLE", '1e999', '2026-13-45T99:99:99Z'],
    ...[[], {}, [null], [[]], [{}], { id: null }, { '': 0 }, { length: 5 }],
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

export interface Mutation {
  /** Which of the places in the value, counted round and round. */
  readonly place: number;
  readonly act: 'replace' | 'remove' | 'repeat' | 'rename' | 'wrap' | 'as text';
  readonly value: unknown;
}

export const MUTATION: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(100_000),
  act: fc.constantFrom('replace', 'remove', 'repeat', 'rename', 'wrap', 'as text'),
  value: ODD,
});

type Path = readonly (string | number)[];

/** A copy with one place of it changed; the root is a place too. */
export function mutated(value: unknown, { place, act, value: odd }: Mutation): unknown {
  const paths = [...pathsIn(value, [])];
  const path = paths[place % paths.length] ?? [];
  return changedAt(value, path, (found) => {
    switch (act) {
      case 'replace':
        return odd;
      case 'remove':
        return undefined;
      case 'repeat':
        return [found, found];
      case 'rename':
        return { renamed: found };
      case 'wrap':
        return [found];
      case 'as text':
        return typeof found === 'string' ? [...found] : JSON.stringify(found);
    }
  });
}

/** What becomes of the text between them and us. */
export interface Garbling {
  readonly kind: 'none' | 'cut' | 'page' | 'nothing' | 'twice' | 'mark' | 'noise';
  /** Where, of a thousand. */
  readonly at: number;
  readonly noise: string;
}

export const GARBLING: fc.Arbitrary<Garbling> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('none' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom('cut', 'page', 'nothing', 'twice', 'mark', 'noise'),
    },
  ),
  at: fc.nat(999),
  noise: fc.string({ unit: 'binary', maxLength: 200 }),
});

export const STATUS: fc.Arbitrary<number> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(200) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ...[201, 202, 204, 206, 301, 302, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 411],
      ...[418, 422, 423, 425, 429, 451, 500, 501, 502, 503, 504, 520, 529],
    ),
  },
);

export interface Distortion {
  readonly mutations: readonly Mutation[];
  readonly garbling: Garbling;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export const DISTORTION: fc.Arbitrary<Distortion> = fc.record({
  mutations: fc.array(MUTATION, { minLength: 0, maxLength: 4 }),
  garbling: GARBLING,
  status: STATUS,
  headers: fc.constantFrom<Readonly<Record<string, string>>>(
    ...[{}, {}, { 'retry-after': '5' }, { 'retry-after': '-1' }, { 'retry-after': '1e9' }],
    ...[{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, { 'content-type': 'text/html' }],
  ),
});

/** The recorded answer as it may come to arrive. */
export function distorted(exchange: Exchange, distortion: Distortion): Exchange {
  const { request, times, isAside } = exchange;
  const changed = distortion.mutations.reduce<unknown>(mutated, exchange.body);
  return {
    request,
    ...(times && { times }),
    ...(isAside && { isAside }),
    status: distortion.status,
    headers: distortion.headers,
    text: garbled(textOf(changed) ?? responseOf(exchange).body, distortion.garbling),
  };
}

/** JSON, with what no value can hold; undefined for what has no text. */
export function textOf(value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  return text?.replaceAll(/"(@@[a-z]+@@)"/g, (word, name) => WRITTEN[name] ?? word);
}

function garbled(text: string, { kind, at, noise }: Garbling): string {
  const middle = Math.floor((text.length * at) / 1_000);
  switch (kind) {
    case 'none':
      return text;
    case 'cut':
      return text.slice(0, middle);
    case 'page':
      return `<!doctype html><html><body><pre>${text}</pre></body></html>`;
    case 'nothing':
      return '';
    case 'twice':
      return text + text;
    case 'mark':
      return `\ufeff${text}`;
    case 'noise':
      return text.slice(0, middle) + noise + text.slice(middle);
  }
}

function* pathsIn(value: unknown, path: Path): Generator<Path> {
  yield path;
  if (typeof value !== 'object' || value === null || path.length > 12) return;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, part] of entries.slice(0, 200)) yield* pathsIn(part, [...path, key]);
}

function changedAt(value: unknown, path: Path, change: (found: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown, index) =>
      index === key ? changedAt(part, rest, change) : part,
    );
    return parts.filter((part, index) => index !== key || part !== undefined);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, part]) => [name, name === key ? changedAt(part, rest, change) : part] as const)
      .filter(([, part]) => part !== undefined),
  );
}
