import type { Chance, FacadeOptions, FacadeQuirks } from './model.ts';

/** The answers that were seen on the live APIs, newest sighting first (fact sheets, sections named in the model). */
export const DEFAULT_QUIRKS: FacadeQuirks = {
  staleOfferAs: '400',
  missingInstanceAs: 'null',
  v2ListAs: 'alternating',
  v2SingleAs: 'bare',
  v2ErrorsAs: 'in200',
  v2SporadicUnauthorized: 0,
  v0MissingAs: 'in200',
  dockImageAs: 'bare',
};

export const DEFAULT_FACADE_OPTIONS: FacadeOptions = { rateLimits: true, quirks: DEFAULT_QUIRKS };

/** A provider as it may be where the fact sheets disagree: each uncertain answer drawn by itself. */
export function drawQuirks(chance: Chance): FacadeQuirks {
  return {
    staleOfferAs: chance.pick(['400', '410']),
    missingInstanceAs: chance.pick(['null', '404']),
    v2ListAs: chance.pick(['array', 'object', 'alternating']),
    v2SingleAs: chance.pick(['bare', 'wrapped']),
    v2ErrorsAs: chance.pick(['in200', 'array400', 'jsonapi']),
    v2SporadicUnauthorized: chance.pick([0, 0, 0.05, 0.2]),
    v0MissingAs: chance.pick(['in200', '404']),
    dockImageAs: chance.pick(['bare', 'bare', 'complete']),
  };
}
