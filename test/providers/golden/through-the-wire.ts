import type { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Observation } from '../../../src/domain/instance.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import { orderFor, recordedOffer } from '../conformance/launch-order.ts';
import type { Exchange } from '../conformance/recorded-case.ts';
import { recordedWire } from '../conformance/scripted-wire.ts';
import { stageFor } from '../conformance/stage.ts';
import type { ConformanceSubject } from '../conformance/subject.ts';

/** What the adapter makes of answers: nothing here reaches into it. */
export async function offersFrom(
  subject: ConformanceSubject,
  answers: readonly Exchange[],
): Promise<readonly Offer[]> {
  const { provider, done } = stageFor(subject, recordedWire(answers).fetch);
  return done(provider.offers());
}

export async function observationFrom(
  subject: ConformanceSubject,
  answers: readonly Exchange[],
): Promise<Observation | undefined> {
  const { provider, done } = stageFor(subject, recordedWire(answers).fetch);
  return done(provider.get(subject.instanceId));
}

export async function launchFailureFrom(
  subject: ConformanceSubject,
  answers: readonly Exchange[],
): Promise<Pick<ProviderFailure, 'kind' | 'outcome'>> {
  const offer = await recordedOffer(subject);
  const { provider, failed } = stageFor(subject, recordedWire(answers).fetch);
  const { kind, outcome } = await failed(provider.launch(orderFor(offer)));
  return { kind, outcome };
}
