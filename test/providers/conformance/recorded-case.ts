import { readdirSync, readFileSync } from 'node:fs';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { FAILURE_KINDS } from '../../../src/domain/errors.ts';
import { CALL_NAMES } from './port-calls.ts';

const closed = { additionalProperties: false };

const Exchange = Type.Object(
  {
    /** Method and path, without query: `GET /api/v0/instances/7/`. */
    request: Type.String({ pattern: '^(GET|POST|PUT|DELETE) /' }),
    /** Given as often as it is asked for, or never; else exactly once. */
    times: Type.Optional(Type.Literal('any')),
    /** Without it the answer is still whole: the laws on broken answers do not hold for it. */
    isAside: Type.Optional(Type.Literal(true)),
    status: Type.Integer({ minimum: 100, maximum: 599 }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    /** JSON; an answer that is none stands in `text`. */
    body: Type.Optional(Type.Unknown()),
    text: Type.Optional(Type.String()),
  },
  closed,
);
export type Exchange = Static<typeof Exchange>;

const Failing = Type.Object(
  {
    kind: Type.Union(FAILURE_KINDS.map((kind) => Type.Literal(kind))),
    outcome: Type.Union([Type.Literal('not_done'), Type.Literal('unknown')]),
    leftover: Type.Optional(Type.String()),
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
);

const RecordedCase = Type.Object(
  {
    call: Type.Union(CALL_NAMES.map((name) => Type.Literal(name))),
    situation: Type.String({ minLength: 1 }),
    /** The document and its section, or where else the answer was seen. */
    source: Type.String({ minLength: 1 }),
    /** What the provider was sent, in order where the same request comes twice, and what it said. */
    wire: Type.Array(Exchange),
    /** Laws that hold for any good answer of this call are tried on this one. One a call. */
    isSample: Type.Optional(Type.Literal(true)),
    /** Fields of the order that differ from the usual one. */
    order: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    /** The result, or the part of it that matters; null stands for undefined and for a field that is not there. */
    returns: Type.Optional(Type.Unknown()),
    fails: Type.Optional(Failing),
  },
  closed,
);
export type RecordedCase = Static<typeof RecordedCase>;

/** The cases of a folder's JSON files, one file a call. A file that is not as it should be is an error, never left out. */
export function recordedIn(folder: URL): readonly RecordedCase[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => casesIn(new URL(`${folder.href}/${name}`)));
}

function casesIn(file: URL): readonly RecordedCase[] {
  const cases: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(cases)) throw new Error(`${file.pathname} is no list of cases`);
  return cases.map((one: unknown, index) => {
    if (Value.Check(RecordedCase, one)) return one;
    const [problem] = Value.Errors(RecordedCase, one);
    throw new Error(`${file.pathname}, case ${index}: ${problem?.path} ${problem?.message}`);
  });
}
