import { FAILURE_KINDS, type ProviderFailure } from '../../../src/domain/errors.ts';
import type { Observation } from '../../../src/domain/instance.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import { demand } from '../conformance/demand.ts';

/** Whatever was answered: what leaves an adapter can be stored, added up and shown. */
export function assertSoundFailure(failure: ProviderFailure, secrets: readonly string[]): void {
  demand(FAILURE_KINDS.includes(failure.kind), `no kind of failure: ${failure.kind}`);
  demand(['not_done', 'unknown'].includes(failure.outcome), `no outcome: ${failure.outcome}`);
  demand(failure.detail.length <= 600, 'the detail is a page');
  const wait = failure.retryAfterMs ?? 0;
  demand(Number.isFinite(wait) && wait >= 0 && wait <= 3_600_000, `it waits for ${wait} ms`);
  for (const secret of secrets) {
    demand(!`${failure.message}${failure.stack}`.includes(secret), 'a credential is shown');
  }
}

export function assertSoundOffer(offer: Offer): void {
  for (const [part, amount] of Object.entries(offer.price))
    demand(isMoney(amount), `${part}: ${amount}`);
  demand(isMoney(offer.minBid ?? 0), `the least bid is ${offer.minBid}`);
  demand(isAmount(offer.diskMicroUsdPerGbHour), `a GB costs ${offer.diskMicroUsdPerGbHour}`);
  demand(isCount(offer.gpuCount) && isCount(offer.vramGb), 'the cards are no number');
  demand(isAmount(offer.maxDurationHours) && isAmount(offer.minDiskGb), 'a limit is no number');
  for (const share of [offer.reliability, offer.availabilityConfidence])
    demand(share >= 0 && share <= 1, `${share} is no share`);
  for (const optional of [offer.maxDiskGb, offer.cpuCores, offer.ramGb, offer.maxOpenPorts])
    demand(isAmount(optional ?? 0), `${optional} is no amount`);
  demand(isAmount(offer.inetDownMbps ?? 0) && isAmount(offer.inetUpMbps ?? 0), 'no speed');
  demand(/^([A-Z]{2})?$/.test(offer.country), `${offer.country} is no country`);
  demand(offer.gpuType.length <= 100 && offer.location.length <= 1_000, 'a text is a page');
}

export function assertSoundObservation(seen: Observation): void {
  demand(seen.id !== '', 'it has no id');
  demand(seen.tag === undefined || typeof seen.tag === 'string', 'the tag is no text');
  demand((seen.reason ?? '').length <= 400, 'the reason is a page');
  demand(isMoney(seen.totalPerHour ?? 0), `it costs ${seen.totalPerHour}`);
  for (const amount of Object.values(seen.price ?? {}))
    demand(isMoney(amount), `it costs ${amount}`);
  for (const at of [seen.createdAt, seen.runningSince])
    demand(at === undefined || (Number.isSafeInteger(at) && at >= 0), `${at} is no time`);
  const ports = [...(seen.openPorts ?? []), ...(seen.address ? [seen.address] : [])];
  for (const { host, port } of ports)
    demand(isCount(port) && port < 65_536 && /^[A-Za-z0-9.:-]+$/.test(host), `${host}:${port}`);
}

export function isMoney(amount: number): boolean {
  return Number.isSafeInteger(amount) && amount >= 0;
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}
