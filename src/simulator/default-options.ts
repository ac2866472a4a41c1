import type { Chance, FacadeOptions, FacadeQuirks } from './model.ts';

/** The answers that were seen on the live APIs, newest sighting first (fact sheets, sections named in the model). */
export const DEFAULT_QUIRKS: FacadeQuirks = {
  staleOfferAs: '400',
  missingInstanceAs: 'null',
  lowBidAs: 'refused',
  outbidAs: 'stopped',
  restartAs: 'loading',
  restingBidAs: 'bid',
  chargesAs: 'whole',
  v2ListAs: 'alternating',
  v2SingleAs: 'bare',
  v2ErrorsAs: 'in200',
  v2SporadicUnauthorized: 0,
  v2HostnodesAs: 'stale',
  v2HostnodePortsAs: 'asked',
  v2DiscoveryAs: 'guarded',
  v2StopAs: 'kept',
  v0MissingAs: 'in200',
  v0StartWithoutGpusAs: 'refused',
  v0ReleasedPriceAs: 'running',
  v0BidBuys: 'machine',
  v0SpotVerdictAs: 'bare',
  v0InstantAs: 'vm',
  v0StorageExpensesAs: 'apart',
  dockImageAs: 'bare',
};

export const DEFAULT_FACADE_OPTIONS: FacadeOptions = { rateLimits: true, quirks: DEFAULT_QUIRKS };

/** A provider as it may be where the fact sheets disagree: each uncertain answer drawn by itself. */
export function drawQuirks(chance: Chance): FacadeQuirks {
  return {
    ...drawVastaiQuirks(chance.fork('vastai')),
    staleOfferAs: chance.pick(['400', '410']),
    missingInstanceAs: chance.pick(['null', '404']),
    v2ListAs: chance.pick(['array', 'object', 'alternating']),
    v2SingleAs: chance.pick(['bare', 'wrapped']),
    v2ErrorsAs: chance.pick(['in200', 'array400', 'jsonapi']),
    v2SporadicUnauthorized: chance.pick([0, 0, 0.05, 0.2]),
    ...drawV2Direct(chance.fork('v2 direct')),
    v0MissingAs: chance.pick(['in200', '404']),
    dockImageAs: chance.pick(['bare', 'bare', 'complete']),
    ...drawV0Quirks(chance.fork('v0')),
  };
}

/** From a stream of their own: they came later than the others, whose worlds are to stay what they were. */
function drawV0Quirks(chance: Chance) {
  return {
    v0StartWithoutGpusAs: chance.pick(['refused', 'queued']),
    v0ReleasedPriceAs: chance.pick(['running', 'storage']),
    v0BidBuys: chance.pick(['machine', 'gpus']),
    v0SpotVerdictAs: chance.pick(['bare', 'priced']),
    v0InstantAs: chance.pick(['vm', 'server']),
    v0StorageExpensesAs: chance.pick(['apart', 'within']),
  } as const satisfies Partial<FacadeQuirks>;
}

/** Drawn aside, so that the answers above stay what they were for seeds from before. */
function drawV2Direct(
  chance: Chance,
): Pick<FacadeQuirks, 'v2HostnodesAs' | 'v2HostnodePortsAs' | 'v2DiscoveryAs' | 'v2StopAs'> {
  return {
    v2HostnodesAs: chance.pick(['stale', 'fresh', 'fresh', 'absent']),
    v2HostnodePortsAs: chance.pick(['asked', 'scattered']),
    v2DiscoveryAs: chance.pick(['guarded', 'open']),
    v2StopAs: chance.pick(['kept', 'released']),
  };
}

/** From a stream of their own: they came later than the others, whose worlds are to stay what they were. */
function drawVastaiQuirks(
  chance: Chance,
): Pick<FacadeQuirks, 'lowBidAs' | 'outbidAs' | 'restartAs' | 'restingBidAs' | 'chargesAs'> {
  return {
    lowBidAs: chance.pick(['refused', 'leftover']),
    outbidAs: chance.pick(['stopped', 'meant to run']),
    restartAs: chance.pick(['loading', 'exited']),
    restingBidAs: chance.pick(['bid', 'on-demand']),
    chargesAs: chance.pick(['whole', 'days']),
  };
}
