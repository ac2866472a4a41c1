import { type Instance, isFinalInstance } from '../../../src/domain/instance.ts';
import { totalPerHour } from '../../../src/domain/offer.ts';
import { failedFields } from '../../../src/domain/offer-filter.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { Checker } from './violation.ts';

/**
 * Whatever is tried for a session is within what was asked for: what the offer is, what it costs, and how it is reached. The next
 * one is decided on only when the last has ended, nowhere twice, and never after the time of the search.
 */
export const withinTheRequest: Checker = {
  name: 'within the request',
  onCommit: ({ plan }, session, before) => brokenRequest(session, before, plan.policy.searchMs),
};

/** What is wrong with the attempt that a commit has added, in words; undefined where it is as it should be, or there is none. */
export function brokenRequest(
  session: Session,
  before: Session | undefined,
  searchMs: number,
): string | undefined {
  const attempts = attemptsOf(session);
  const last = attempts.at(-1);
  if (!last || attempts.length === (before ? attemptsOf(before).length : 0)) return undefined;
  const problem = wrongWith(session, last) ?? wrongAfter(session, attempts.slice(0, -1), last);
  const late = isLate(session, last, searchMs);
  const what = problem ?? (late ? 'begins after the time of the search' : undefined);
  return what && `attempt ${last.attempt} of ${session.id} on ${last.offer.id} ${what}`;
}

function attemptsOf({ instances }: Session): readonly Instance[] {
  return instances.filter(({ role }) => role === 'attempt');
}

function wrongWith({ request }: Session, { offer, price, diskGb }: Instance): string | undefined {
  const { choice, maxPricePerHour = Number.POSITIVE_INFINITY, keepsDisk } = request;
  const perHour = totalPerHour(price);
  if (perHour > maxPricePerHour) return `costs ${perHour}, above ${maxPricePerHour}`;
  if (diskGb < request.diskGb) return `has ${diskGb} GB of disk, not ${request.diskGb}`;
  if (diskGb > (offer.maxDiskGb ?? diskGb)) return `has no ${diskGb} GB of disk`;
  if (keepsDisk && offer.preservable !== true) return 'cannot keep its disk';
  if (choice.kind !== 'requirements') return undefined;
  const missing = failedFields(offer, choice.filter);
  return missing.length > 0 ? `lacks ${missing.join(', ')}` : undefined;
}

function wrongAfter(
  { request }: Session,
  earlier: readonly Instance[],
  last: Instance,
): string | undefined {
  const isOnce = request.choice.kind === 'offer' && request.replaces !== true;
  if (earlier.length > 0 && isOnce) return 'was not asked for';
  const open = earlier.find(({ state }) => !isFinalInstance(state));
  if (open) return `begins while attempt ${open.attempt} is ${open.state}`;
  return earlier.some(({ offer }) => offer.id === last.offer.id) ? 'is tried again' : undefined;
}

function isLate(
  { request, createdAt, interruptedAt }: Session,
  { intendedAt }: Instance,
  searchMs: number,
): boolean {
  const began = interruptedAt ?? createdAt;
  const isFirst = intendedAt === createdAt;
  return !isFirst && intendedAt - began >= (request.searchTimeoutMs ?? searchMs);
}
