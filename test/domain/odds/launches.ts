import type { Outcome } from '../../../src/domain/odds/outcome.ts';
import type { Experience } from '../../../src/domain/odds/own-chance.ts';
import { placeOf } from '../../../src/domain/odds/place.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import { HOUR_MS } from '../../../src/domain/time.ts';
import { offer, START } from '../../support/builders.ts';

/** Levels of one offer: the others of these tests share some of them. */
export const HERE = {
  id: 'alpha-1',
  machineId: 'machine-1',
  hostId: 'host-1',
  siteId: 'site-1',
  gpuType: 'RTX 4090',
} as const;

export function launchAt(
  where: Partial<Offer>,
  outcome: Partial<Outcome> & Pick<Outcome, 'kind'>,
): Experience {
  return { place: placeOf(offer(where)), outcome: { at: START - HOUR_MS, ...outcome } };
}
