import { type FailureKind, type FailureOutcome, ProviderFailure } from '../../domain/errors.ts';
import type { ProviderOperation } from '../../ports/recorder.ts';
import type { Reply } from '../http-transport.ts';
import { meaningOf, type TextMeaning } from './refusal-text.ts';

/** What a call would change: a lost or doubtful answer is `unknown` only where there is an effect. */
export type Effect = 'none' | 'launch' | 'start' | 'stop' | 'terminate';

/** An error answer, whichever envelope it came in. */
export interface Complaint {
  /** HTTP status, or the one inside the body of a 200; 0 when the answer names none. */
  readonly status: number;
  readonly said: string;
  readonly speaker: 'api' | 'gateway';
}

/** What an error answer means. */
export interface Refusal {
  readonly kind: FailureKind;
  readonly outcome: FailureOutcome;
  readonly said: string;
  readonly meaning?: TextMeaning;
}

type Verdict = Pick<Refusal, 'kind' | 'outcome'>;

const BY_MEANING: Readonly<Record<TextMeaning, Verdict>> = {
  no_funds: { kind: 'insufficient_funds', outcome: 'not_done' },
  no_public_ip: { kind: 'no_capacity', outcome: 'not_done' },
  broke_off: { kind: 'no_capacity', outcome: 'unknown' },
  too_fast: { kind: 'rate_limited', outcome: 'not_done' },
  bad_credentials: { kind: 'unauthorized', outcome: 'not_done' },
  missing: { kind: 'not_found', outcome: 'not_done' },
  no_capacity: { kind: 'no_capacity', outcome: 'not_done' },
  low_bid: { kind: 'no_capacity', outcome: 'not_done' },
  perhaps_no_capacity: { kind: 'no_capacity', outcome: 'not_done' },
  over_limit: { kind: 'invalid', outcome: 'not_done' },
};

const BY_STATUS: Readonly<Record<number, Verdict>> = {
  0: { kind: 'unavailable', outcome: 'not_done' },
  400: { kind: 'invalid', outcome: 'not_done' },
  401: { kind: 'unauthorized', outcome: 'not_done' },
  402: { kind: 'insufficient_funds', outcome: 'not_done' },
  403: { kind: 'unauthorized', outcome: 'not_done' },
  404: { kind: 'not_found', outcome: 'not_done' },
  408: { kind: 'unavailable', outcome: 'unknown' },
  /** A name that is taken would mean that an earlier launch of this very tag took effect. */
  409: { kind: 'invalid', outcome: 'unknown' },
  410: { kind: 'not_found', outcome: 'not_done' },
  422: { kind: 'invalid', outcome: 'not_done' },
  429: { kind: 'rate_limited', outcome: 'not_done' },
};

/** Texts that mean the same for every call; all others speak of machines that are to run. */
const GENERAL: ReadonlySet<TextMeaning> = new Set(['too_fast', 'bad_credentials', 'missing']);

/** Words that a broken API says too: beside a 5xx they prove nothing, least of all that a machine is gone. */
const FAULT_ALIKE: ReadonlySet<TextMeaning> = new Set(['missing', 'perhaps_no_capacity']);

/** A page from something in front of the API is not the API's word: not that a machine is gone, nor that nothing was done. */
const GATEWAY: Verdict = { kind: 'malformed', outcome: 'unknown' };

/** What an error answer means for a call; nothing that changes nothing is ever `unknown`. */
export function judge(complaint: Complaint, effect: Effect): Refusal {
  const meaning = relevantMeaning(complaint, effect);
  const verdict = verdictOn(complaint, meaning);
  return {
    kind: verdict.kind,
    outcome: effect === 'none' ? 'not_done' : verdict.outcome,
    said: complaint.said,
    ...(meaning === undefined ? {} : { meaning }),
  };
}

function relevantMeaning(complaint: Complaint, effect: Effect): TextMeaning | undefined {
  if (complaint.speaker === 'gateway' || complaint.status === 429) return undefined;
  const meaning = meaningOf(complaint.said);
  if (meaning === undefined) return undefined;
  const isToRun = effect === 'launch' || effect === 'start';
  return isToRun || GENERAL.has(meaning) ? meaning : undefined;
}

function verdictOn(complaint: Complaint, meaning: TextMeaning | undefined): Verdict {
  const byStatus = verdictOfStatus(complaint);
  if (meaning === undefined) return byStatus;
  if (complaint.status >= 500 && FAULT_ALIKE.has(meaning)) return byStatus;
  return BY_MEANING[meaning];
}

function verdictOfStatus(complaint: Complaint): Verdict {
  if (complaint.status >= 500) return { kind: 'unavailable', outcome: 'unknown' };
  if (complaint.speaker === 'gateway' && complaint.status !== 429) return GATEWAY;
  return BY_STATUS[complaint.status] ?? GATEWAY;
}

/** The failure's cause where a launch may be tried again in another way at the same site. */
export class NoPublicIp extends Error {
  override readonly name = 'NoPublicIp';
}

/** Turns a refusal into what leaves the adapter; `redact` cuts this account's secrets out of the provider's words. */
export function failureOf(
  refusal: Refusal,
  about: { readonly operation: ProviderOperation; readonly reply: Reply },
  redact: (text: string) => string,
): ProviderFailure {
  const cause = refusal.meaning === 'no_public_ip' ? new NoPublicIp() : undefined;
  return new ProviderFailure({
    kind: refusal.kind,
    outcome: refusal.outcome,
    detail: `${about.operation} answered ${about.reply.status}: ${withoutLongWords(redact(refusal.said))}`,
    ...(cause ? { cause } : {}),
    ...(refusal.meaning === 'low_bid' ? { isForOrderOnly: true } : {}),
  });
}

/** Words of this length are keys, tokens, tags and ids that an error echoed from the request, never the reason. */
function withoutLongWords(text: string): string {
  return text.replace(/[^\s"'(){}[\],;:]{24,}/g, '[cut]').slice(0, 200);
}
