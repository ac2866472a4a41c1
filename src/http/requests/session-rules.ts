import { MIN_BID_USD } from '../schemas/session-schemas.ts';
import { isRecord } from '../validation/is-record.ts';
import type { Problem } from '../validation/problem.ts';
import { interruptionProblems } from './interruption.ts';
import { filterProblems } from './offer-filter.ts';
import { readinessProblems } from './readiness.ts';
import { readPublicKey } from './ssh-public-key.ts';
import { workloadProblems } from './workload-rules.ts';

type Body = Readonly<Record<string, unknown>>;

/** What a schema cannot say of a new session. Takes the body as it came: each rule looks at its own types. */
export function sessionProblems(body: unknown): readonly Problem[] {
  if (!isRecord(body)) return [];
  return [
    ...choiceProblems(body),
    ...requirementProblems(body['requirements']),
    ...retryProblems(body),
    ...searchProblems(body),
    ...keyProblems(body['ssh_public_key']),
    ...workloadProblems(body),
    ...readinessProblems(body),
    ...bidProblems(body),
    ...interruptionProblems(body),
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

/** One given offer is tried once: there is nothing to search, unless it is to be replaced. */
function searchProblems(body: Body): readonly Problem[] {
  const path = 'search_timeout_minutes';
  if (body[path] === undefined || body['requirements'] !== undefined) return [];
  return body['auto_retry'] === true || body['on_interruption'] === 'replace'
    ? []
    : [{ path, message: 'needs requirements, auto_retry, or on_interruption replace' }];
}

function keyProblems(key: unknown): readonly Problem[] {
  if (typeof key !== 'string' || key === '') return [];
  const reading = readPublicKey(key);
  return reading.kind === 'bad' ? [{ path: 'ssh_public_key', message: reading.message }] : [];
}

/** A bid without its word, or the word without its bid, would rent something else than was meant. */
function bidProblems(body: Body): readonly Problem[] {
  const { pricing, bid_price: price } = body;
  const isBid = pricing === 'interruptible';
  const hasPrice = price !== undefined;
  // A price that is none is for the schema to refuse.
  const isNoBid = hasPrice && !(typeof price === 'number' && price >= MIN_BID_USD);
  if (isBid === hasPrice || isNoBid) return [];
  return [
    {
      path: 'bid_price',
      message: isBid ? 'is required with pricing interruptible' : 'needs pricing interruptible',
    },
  ];
}
