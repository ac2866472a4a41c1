import { type FailureKind, ProviderFailure } from '../../domain/errors.ts';
import { SECOND_MS } from '../../domain/time.ts';
import type { Reply } from '../http-transport.ts';
import { contractOf, type Verdict, verdictOf } from './wire.ts';

/** What has to be known of a call to say what its refusal means. */
export interface CallNature {
  /** It changes something, so that an answer without a clear no leaves open whether it did. */
  readonly hasEffect: boolean;
  /** The least wait after a 429, in milliseconds: those answers carry no header that tells. */
  readonly slowDownMs: number;
}

interface Rule {
  readonly kind: FailureKind;
  readonly says: string;
  readonly fits: (status: number, verdict: Verdict) => boolean;
}

/**
 * Clear refusals, most telling first: nothing was done. Code and text are read because the status lies: a gone offer is
 * 400, 404 or 410, and a bad key is 404 (seen live, Sept 2026), which must never read as "no such instance".
 */
const REFUSALS: readonly Rule[] = [
  {
    kind: 'rate_limited',
    says: 'called too often',
    fits: (status, { text }) =>
      status === 429 || /requests too frequent|rate_limit_exceeded/i.test(text),
  },
  {
    kind: 'no_capacity',
    says: 'the offer may be rented by its host only',
    fits: (_, { text }) => /not your own/i.test(text),
  },
  { kind: 'unauthorized', says: 'the credentials were refused', fits: isAuthRefusal },
  {
    kind: 'insufficient_funds',
    says: 'the account lacks credit',
    fits: (_, { text }) => /insufficient_credit|lacks credit|missing_billing/i.test(text),
  },
  {
    kind: 'insufficient_funds',
    says: 'the account reached its spending cap',
    fits: (_, { text }) => /spend_rate_limit/i.test(text),
  },
  {
    kind: 'no_capacity',
    says: 'the offer is gone',
    fits: (_, { text }) => /no_such_ask|is not available|no longer available/i.test(text),
  },
  {
    kind: 'not_found',
    says: 'no such instance',
    fits: (_, { code, text }) =>
      code === 'no_such_instance' || code === 'not_found' || /instance \S+ not found/i.test(text),
  },
  {
    kind: 'invalid',
    says: 'the request was refused',
    fits: (status, { code }) =>
      code.startsWith('invalid_') || (status >= 400 && status !== REQUEST_TIMEOUT),
  },
];

const REQUEST_TIMEOUT = 408;

/** A reply that is not the success that was hoped for, as a failure of the port. Shows status and code, never the body. */
export function failureOf(reply: Reply, nature: CallNature): ProviderFailure {
  const verdict = verdictOf(reply);
  const leftover = contractOf(reply.json);
  const rule = refusalOf(reply.status, verdict);
  if (rule && leftover === undefined) return refused(reply, rule, nature);
  if (leftover !== undefined) {
    return new ProviderFailure({
      // Seen with a bid that is too low: the machine could not start, and a stopped contract bills its disk.
      kind: rule?.kind ?? 'no_capacity',
      outcome: 'not_done',
      detail: `${label(reply, verdict)}: a contract was made and did not start`,
      leftover,
    });
  }
  return new ProviderFailure({
    kind: 'unavailable',
    outcome: nature.hasEffect ? 'unknown' : 'not_done',
    detail: `${label(reply, verdict)}: no clear answer`,
  });
}

/** An accepted call whose answer is not what was agreed. */
export function unreadable(reply: Reply, nature: CallNature): ProviderFailure {
  return new ProviderFailure({
    kind: 'malformed',
    outcome: nature.hasEffect ? 'unknown' : 'not_done',
    detail: `HTTP ${reply.status}: the answer could not be read`,
  });
}

/** True when the answer is a yes: a 2xx that does not say `success: false`. */
export function isAccepted(reply: Reply): boolean {
  return reply.status >= 200 && reply.status < 300 && verdictOf(reply).isSuccess;
}

/** A fault of the server or of something before it says nothing of what was done, whatever its text sounds like. */
function refusalOf(status: number, verdict: Verdict): Rule | undefined {
  if (status >= 500 || (status >= 300 && status < 400)) return undefined;
  return REFUSALS.find((rule) => rule.fits(status, verdict));
}

function isAuthRefusal(status: number, { code, text }: Verdict): boolean {
  return (
    status === 401 ||
    status === 403 ||
    code === 'auth_error' ||
    /invalid user key|session expired|requires login|two factor authentication/i.test(text)
  );
}

function refused(reply: Reply, rule: Rule, nature: CallNature): ProviderFailure {
  return new ProviderFailure({
    kind: rule.kind,
    outcome: 'not_done',
    detail: `${label(reply, verdictOf(reply))}: ${rule.says}`,
    ...(rule.kind === 'rate_limited' ? { retryAfterMs: waitOf(reply, nature) } : {}),
  });
}

function label(reply: Reply, verdict: Verdict): string {
  return verdict.code === '' ? `HTTP ${reply.status}` : `HTTP ${reply.status} ${verdict.code}`;
}

/**
 * The longer of what the text and the published intervals ask for. The transport reads the header that some proxies add, and
 * bounds what is wild.
 */
function waitOf(reply: Reply, nature: CallNature): number {
  return Math.max(nature.slowDownMs, namedIntervalMs(reply) ?? 0);
}

/** A refusal's text may name the least time between two calls, in seconds, and by what it is multiplied at the moment. */
export function namedIntervalMs({ text }: Reply): number | undefined {
  const named = /threshold=([0-9]+(?:\.[0-9]+)?)(?:\*([0-9]+(?:\.[0-9]+)?))?/.exec(text);
  return named ? Number(named[1]) * Number(named[2] ?? 1) * SECOND_MS : undefined;
}
