import type { Static } from '@sinclair/typebox';
import { failureTypeOf } from '../../domain/failure-words.ts';
import type { Level } from '../../domain/odds/place.ts';
import { toRfc3339 } from '../../domain/time.ts';
import type { HealthPage, HeldAgainst } from '../../inventory/offer-health.ts';
import type { HEALTH_LEVELS, OfferHealthAnswer } from '../schemas/offer-health-schemas.ts';
import { known } from './known.ts';

const LEVEL_NAMES: Readonly<Record<Level, (typeof HEALTH_LEVELS)[number]>> = {
  offer: 'offer',
  machine: 'machine',
  host: 'host',
  model: 'gpu_at_site',
  site: 'site',
};

export function offerHealthView({ rows, total }: HealthPage): Static<typeof OfferHealthAnswer> {
  return { places: rows.map(heldAgainstView), count: rows.length, total };
}

function heldAgainstView(row: HeldAgainst): Static<typeof OfferHealthAnswer>['places'][number] {
  const { lastFailure, heldUntil } = row;
  return {
    level: LEVEL_NAMES[row.level],
    id: row.level === 'model' ? siteIn(row.key) : row.key,
    provider: row.provider,
    availability_confidence: row.confidence,
    prior: row.prior,
    failures: row.failures,
    successes: row.successes,
    last_failed_at: toRfc3339(lastFailure.at),
    forgotten_at: toRfc3339(row.forgottenAt),
    ...known({
      gpu_type: row.gpuType,
      last_error_type: lastFailure.code && failureTypeOf(lastFailure.code),
      held_until: heldUntil === undefined ? undefined : toRfc3339(heldUntil),
    }),
  };
}

/** The GPU stands beside it. */
function siteIn(modelKey: string): string {
  return modelKey.split(' ')[0] ?? '';
}
