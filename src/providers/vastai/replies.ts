import { Value } from '@sinclair/typebox/value';
import type { Reply } from '../http-transport.ts';
import { isPlausibleUsd } from '../plausible-usd.ts';
import { type CallNature, failureOf, isAccepted, unreadable } from './failures.ts';
import {
  ChargesReply,
  contractOf,
  Done,
  InstanceReply,
  InstancesReply,
  OfferRow,
  OffersReply,
  TemplateRow,
  TemplatesReply,
  UserReply,
  verdictOf,
} from './wire.ts';

export interface OfferPage {
  /** Rows that could be read. */
  readonly rows: readonly OfferRow[];
  /** Rows that were sent. */
  readonly sent: number;
}

/** Rows that cannot be read are dropped one by one; when none can, the format changed and the market is not empty. */
export function readOffers(reply: Reply, nature: CallNature): OfferPage {
  if (!isAccepted(reply)) throw failureOf(reply, nature);
  if (!Value.Check(OffersReply, reply.json)) throw unreadable(reply, nature);
  const sent = reply.json.offers;
  const rows = sent.filter((row): row is OfferRow => Value.Check(OfferRow, row));
  if (sent.length > 0 && rows.length === 0) throw unreadable(reply, nature);
  return { rows, sent: sent.length };
}

/** The answer's `instance_api_key` is a credential of the machine; it is not read. */
export function readContract(reply: Reply, nature: CallNature): string {
  if (!isAccepted(reply)) throw failureOf(reply, nature);
  const id = contractOf(reply.json);
  if (id === undefined) throw unreadable(reply, nature);
  return id;
}

/** How a second attach is answered is not documented; that the key is already there is what was wanted. */
export function readAttached(reply: Reply, nature: CallNature): void {
  if (Value.Check(Done, reply.json) && isAccepted(reply)) return;
  if (isAccepted(reply)) throw unreadable(reply, nature);
  const failure = failureOf(reply, nature);
  const isThere = failure.kind === 'invalid' || failure.kind === 'unavailable';
  if (isThere && reply.status < 500 && /already/i.test(verdictOf(reply).text)) return;
  throw failure;
}

export function readPage(reply: Reply, nature: CallNature): InstancesReply {
  if (!isAccepted(reply)) throw failureOf(reply, nature);
  if (!Value.Check(InstancesReply, reply.json)) throw unreadable(reply, nature);
  return reply.json;
}

/** Gone is `null` (seen live) or a 404 that says so in words; a 404 of any other kind is not believed. */
export function readInstance(reply: Reply, nature: CallNature): unknown {
  if (!isAccepted(reply)) {
    const failure = failureOf(reply, nature);
    if (reply.status === 404 && failure.kind === 'not_found') return undefined;
    throw failure;
  }
  if (!Value.Check(InstanceReply, reply.json)) throw unreadable(reply, nature);
  return reply.json.instances ?? undefined;
}

/** Acceptance is no proof of the end, so any 404 will do that is neither about the key nor a web server's own page. */
export function readDestroyed(reply: Reply, nature: CallNature): void {
  if (reply.status === 204 || (isAccepted(reply) && Value.Check(Done, reply.json))) return;
  if (isAccepted(reply)) throw unreadable(reply, nature);
  const failure = failureOf(reply, nature);
  const isAboutUs = failure.kind === 'unauthorized' || failure.kind === 'rate_limited';
  const isPage = reply.json === undefined && reply.text.trim() !== '';
  if (reply.status === 404 && !isAboutUs && !isPage) return;
  throw failure;
}

export type StateChange = 'done' | 'queued';

/** A change that is there already, which nobody documents the answer to, is what was wanted. */
export function readStateChange(reply: Reply, nature: CallNature): StateChange {
  if (isAccepted(reply) && Value.Check(Done, reply.json)) return 'done';
  if (isAccepted(reply)) throw unreadable(reply, nature);
  const { text } = verdictOf(reply);
  if (reply.status < 300 && QUEUED.test(text)) return 'queued';
  const failure = failureOf(reply, nature);
  const isThere = failure.kind === 'invalid' || failure.kind === 'unavailable';
  if (isThere && reply.status < 500 && /already/i.test(text)) return 'done';
  throw failure;
}

const QUEUED = /state change queued|resources are currently unavailable/i;

export function readCharges(reply: Reply, nature: CallNature): ChargesReply {
  if (!isAccepted(reply)) throw failureOf(reply, nature);
  if (!Value.Check(ChargesReply, reply.json)) throw unreadable(reply, nature);
  return reply.json;
}

/** `credit` is the prepaid balance; the field `balance` is another accrual and may be negative. */
export function readCredit(reply: Reply, nature: CallNature): number | undefined {
  if (!isAccepted(reply)) throw failureOf(reply, nature);
  if (!Value.Check(UserReply, reply.json)) throw unreadable(reply, nature);
  const { credit } = reply.json;
  if (typeof credit === 'number' && !isPlausibleUsd(credit)) throw unreadable(reply, nature);
  return credit ?? undefined;
}

/** As with offers: rows that cannot be read are dropped, and when none can, the format changed. */
export function readTemplates(reply: Reply, nature: CallNature): readonly TemplateRow[] {
  if (!isAccepted(reply)) throw failureOf(reply, nature);
  if (!Value.Check(TemplatesReply, reply.json)) throw unreadable(reply, nature);
  const sent = reply.json.templates ?? [];
  const rows = sent.filter((row): row is TemplateRow => Value.Check(TemplateRow, row));
  if (sent.length > 0 && rows.length === 0) throw unreadable(reply, nature);
  return rows;
}
