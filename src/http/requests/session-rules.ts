import { isRecord } from '../validation/is-record.ts';
import type { Problem } from '../validation/problem.ts';
import { filterProblems } from './offer-filter.ts';
import { readPublicKey } from './ssh-public-key.ts';
import { workloadProblems } from './workload-rules.ts';

type Body = Readonly<Record<string, unknown>>;

interface LaterField {
  isAskedForBy(value: unknown): boolean;
  /** The value that asks for nothing we cannot do. */
  readonly harmless?: string;
}

/**
 * Fields whose function comes in a later version. They are refused, because a caller who asked for a bid or a kept disk
 * must not get something else in silence. Values that mean nothing in their field are for the schema to refuse.
 */
const LATER_FIELDS: Readonly<Record<string, LaterField>> = {
  storage_policy: { isAskedForBy: (value) => value === 'preserve', harmless: 'destroy' },
  pricing: { isAskedForBy: (value) => value === 'interruptible', harmless: 'on_demand' },
  bid_price: { isAskedForBy: isAboveZero },
};

/** What a schema cannot say of a new session. Takes the body as it came: each rule looks at its own types. */
export function sessionProblems(body: unknown): readonly Problem[] {
  if (!isRecord(body)) return [];
  return [
    ...choiceProblems(body),
    ...requirementProblems(body['requirements']),
    ...retryProblems(body),
    ...keyProblems(body['ssh_public_key']),
    ...workloadProblems(body),
    ...laterProblems(body),
  ];
}

function choiceProblems(body: Body): readonly Problem[] {
  const hasOffer = body['offer_id'] !== undefined;
  const hasRequirements = body['requirements'] !== undefined;
  if (hasOffer !== hasRequirements) return [];
  const message = hasOffer
    ? 'cannot be given together with requirements'
    : 'is required, or requirements instead';
  return [{ path: 'offer_id', message }];
}

function requirementProblems(requirements: unknown): readonly Problem[] {
  if (!isRecord(requirements)) return [];
  return filterProblems(requirements).map(({ path, message }) => ({
    path: `requirements.${path}`,
    message,
  }));
}

function retryProblems(body: Body): readonly Problem[] {
  const given = ['auto_retry', 'max_retries', 'retry_scope'].filter(
    (name) => body[name] !== undefined,
  );
  if (body['requirements'] !== undefined) {
    return given.map((path) => ({ path, message: 'goes with offer_id only' }));
  }
  if (body['auto_retry'] !== undefined) return [];
  return given.map((path) => ({ path, message: 'needs auto_retry' }));
}

function keyProblems(key: unknown): readonly Problem[] {
  if (typeof key !== 'string' || key === '') return [];
  const reading = readPublicKey(key);
  return reading.kind === 'bad' ? [{ path: 'ssh_public_key', message: reading.message }] : [];
}

function laterProblems(body: Body): readonly Problem[] {
  const asked = Object.entries(LATER_FIELDS).filter(([path, { isAskedForBy }]) =>
    isAskedForBy(body[path]),
  );
  return asked.map(([path, { harmless }]) => {
    const instead = harmless === undefined ? '' : `; leave it out or use ${harmless}`;
    return { path, message: `is not supported by this version${instead}` };
  });
}

function isAboveZero(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}
