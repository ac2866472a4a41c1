import type { Offer } from '../../../src/domain/offer.ts';
import type { LaunchOrder } from '../../../src/ports/provider.ts';
import { demand } from './demand.ts';
import type { Target } from './port-calls.ts';
import type { RecordedCase } from './recorded-case.ts';
import { recordedWire } from './scripted-wire.ts';
import { stageFor } from './stage.ts';
import type { ConformanceSubject } from './subject.ts';

export const TAG = 'gpub-test01-0000000000000001-1';
export const PUBLIC_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrsA10r4tEAV9cfL6bXjHmyA1cG6RfkEwUeG7nq9bUi session';

/** Billed in the recorded charges. */
const WINDOW = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 1, 1) };
export const TEMPLATE_HASH = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

/** The recorded answer on which laws for any good answer of the call are tried. */
export function sampleOf(
  { api, recorded }: ConformanceSubject,
  call: RecordedCase['call'],
): RecordedCase {
  const sample = recorded.find((one) => one.call === call && one.isSample === true);
  demand(sample, `${api} has no sample of ${call} among its recorded answers`);
  return sample;
}

/** The first of the recorded offers, as the adapter itself reads it. */
export async function recordedOffer(subject: ConformanceSubject): Promise<Offer> {
  const wire = recordedWire(sampleOf(subject, 'offers').wire);
  const { provider, done } = stageFor(subject, wire.fetch);
  const [offer] = await done(provider.offers());
  demand(offer, 'the recorded offers are none');
  return offer;
}

export function orderFor(offer: Offer, overrides: Partial<LaunchOrder> = {}): LaunchOrder {
  return {
    tag: TAG,
    offer,
    diskGb: Math.max(60, offer.minDiskGb),
    publicKey: PUBLIC_KEY,
    workload: { kind: 'ssh' },
    ...overrides,
  };
}

/** What recorded and disturbed calls are about. */
export async function recordedTarget(
  subject: ConformanceSubject,
  overrides: Partial<LaunchOrder> = {},
): Promise<Target> {
  return {
    id: subject.instanceId,
    publicKey: PUBLIC_KEY,
    order: orderFor(await recordedOffer(subject), overrides),
    window: WINDOW,
    templateHash: TEMPLATE_HASH,
  };
}
