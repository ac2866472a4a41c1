import { isObject, parseJson } from '../../../src/simulator/json.ts';
import type { Exchange } from '../conformance/recorded-case.ts';
import type { ConformanceSubject } from '../conformance/subject.ts';
import { TENSORDOCK_V0_SUBJECT } from '../conformance/subjects/tensordock-v0.ts';
import { TENSORDOCK_V2_SUBJECT } from '../conformance/subjects/tensordock-v2.ts';
import { VASTAI_SUBJECT } from '../conformance/subjects/vastai.ts';

/** An adapter, and what can be said of its API's answers without it. */
export interface FuzzedSubject {
  readonly subject: ConformanceSubject;
  /** Whether the answer to a look at one machine, or to its end, says that there is no such machine. */
  readonly saysGone: (answer: Exchange) => boolean;
  /** How many machines a list's answer shows; undefined when it shows no list. */
  readonly machinesIn: (body: unknown) => number | undefined;
  /** How many rows an answer about offers has. */
  readonly offerRowsIn: (body: unknown) => number;
  /** The same answer with so many rows that are all alike but for their ids, one of them distorted. */
  readonly offersWith: (rows: number, distort: (row: unknown, index: number) => unknown) => unknown;
}

type Json = Readonly<Record<string, unknown>>;

const MISSING_WORDS = /not.{0,3}found|no such|not exist|n't exist|no longer exists|no_such/i;

/** A look at the text that shares nothing with any adapter's. */
function isMissing({ status, text = '' }: Exchange): boolean {
  if (status >= 500 || text.trimStart().startsWith('<')) return false;
  return status === 404 || status === 410 || MISSING_WORDS.test(text);
}

/** This API says so inside a 200 as well (seen live), in whatever words but a web page's. */
function isStatedMissing({ status, text = '' }: Exchange): boolean {
  const body = parseJson(text);
  if (status >= 300 || !isObject(body) || Number(body['status']) !== 404) return false;
  const said = body['error'];
  return typeof said === 'string' && said !== '' && !said.trimStart().startsWith('<');
}

export const FUZZED: readonly FuzzedSubject[] = [
  {
    subject: VASTAI_SUBJECT,
    saysGone: (answer) => {
      const body = parseJson(answer.text ?? '');
      if (isObject(body) && body['instances'] === null && answer.status < 300) return true;
      return isMissing(answer);
    },
    machinesIn: (body) => countAt(body, 'instances'),
    offerRowsIn: (body) => countAt(body, 'offers') ?? 0,
    offersWith: (rows, distort) => ({
      offers: times(rows, (index) => {
        const offer = listAt(offersBody(VASTAI_SUBJECT), 'offers')[0];
        return distort({ ...offer, id: index + 1, machine_id: index + 1 }, index);
      }),
    }),
  },
  {
    subject: TENSORDOCK_V2_SUBJECT,
    saysGone: (answer) =>
      isMissing(answer) ||
      isStatedMissing(answer) ||
      /"status":\s*"\s*deleted\s*"/i.test(answer.text ?? ''),
    machinesIn: (body) => countAt(body, 'data') ?? countAt(objectAt(body, 'data'), 'instances'),
    offerRowsIn: (body) =>
      listAt(objectAt(body, 'data'), 'locations').flatMap((row) => listAt(row, 'gpus')).length,
    offersWith: (rows, distort) => ({
      data: {
        locations: times(rows, (index) => {
          const location = listAt(
            objectAt(offersBody(TENSORDOCK_V2_SUBJECT), 'data'),
            'locations',
          )[0];
          return distort({ ...location, id: `location-${index}` }, index);
        }),
      },
    }),
  },
  {
    subject: TENSORDOCK_V0_SUBJECT,
    saysGone: (answer) =>
      isMissing(answer) || /"status":\s*"\s*deleted\s*"/i.test(answer.text ?? ''),
    machinesIn: (body) => countAt(body, 'virtualmachines'),
    offerRowsIn: (body) => Object.keys(objectAt(body, 'hostnodes')).length,
    offersWith: (rows, distort) => ({
      success: true,
      hostnodes: Object.fromEntries(
        times(rows, (index) => {
          const [node] = Object.values(objectAt(offersBody(TENSORDOCK_V0_SUBJECT), 'hostnodes'));
          return [`node-${index}`, distort(node, index)] as const;
        }),
      ),
    }),
  },
];

/** The recorded answer that has the offers themselves. */
function offersBody({ recorded }: ConformanceSubject): unknown {
  const sample = recorded.find(({ call, isSample }) => call === 'offers' && isSample);
  return sample?.wire[0]?.body;
}

function times<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function countAt(value: unknown, name: string): number | undefined {
  if (!isObject(value)) return undefined;
  const list = value[name];
  if (Array.isArray(list)) return list.length;
  return name === 'virtualmachines' && isObject(list) ? Object.keys(list).length : undefined;
}

function objectAt(value: unknown, name: string): Json {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
}

function listAt(value: unknown, name: string): readonly Json[] {
  const found = isObject(value) ? value[name] : undefined;
  return Array.isArray(found) ? found.filter(isObject) : [];
}
