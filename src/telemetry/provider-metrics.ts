import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ProviderApi, ProviderName } from '../domain/ids.ts';
import type { Clock } from '../ports/clock.ts';

const CALL_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
const MS_PER_SECOND = 1_000;

export type ProviderMetrics = ReturnType<typeof createProviderMetrics>;

/** What the marketplaces answer, and what of ours was found there that nobody wants. */
export function createProviderMetrics(registry: Registry, clock: Clock) {
  const registers = [registry];
  return {
    callSeconds: new Histogram({
      name: 'gpu_provider_call_duration_seconds',
      help: 'Time that provider API calls took, failed ones too.',
      labelNames: ['provider', 'api', 'operation'],
      buckets: CALL_BUCKETS_SECONDS,
      registers,
    }),
    waitSeconds: new Histogram({
      name: 'gpu_provider_call_wait_seconds',
      help: 'Time that provider API calls waited for their turn at the rate limit.',
      labelNames: ['provider', 'api', 'operation'],
      buckets: CALL_BUCKETS_SECONDS,
      registers,
    }),
    circuits: new Gauge({
      name: 'gpu_provider_circuit_open',
      help: 'Whether a provider API is spared all calls but vital ones, because it does not answer.',
      labelNames: ['provider', 'api'],
      registers,
    }),
    ratesLearnt: new Counter({
      name: 'gpu_provider_rates_learnt_total',
      help: 'Times that a provider API turned out to want longer intervals between calls than was known.',
      labelNames: ['provider', 'api'],
      registers,
    }),
    callErrors: new Counter({
      name: 'gpu_provider_api_errors_total',
      help: 'Provider API calls that failed.',
      labelNames: ['provider', 'operation'],
      registers,
    }),
    callFailures: new Counter({
      name: 'gpu_provider_failures_total',
      help: 'Provider API calls that failed, by kind of failure.',
      labelNames: ['provider', 'api', 'kind'],
      registers,
    }),
    offers: createOfferMetrics(registry, clock),
    sweeps: new Counter({
      name: 'gpu_sweeps_total',
      help: 'Complete comparisons of what a provider runs with what sessions want.',
      labelNames: ['provider', 'api'],
      registers,
    }),
    orphansDetected: new Counter({
      name: 'gpu_orphans_detected_total',
      help: 'Instances with our tag that no session wants.',
      registers,
    }),
    orphansGone: new Counter({
      name: 'gpu_orphans_gone_total',
      help: 'Orphaned instances whose end the provider confirmed.',
      registers,
    }),
  };
}

interface OfferSource {
  readonly provider: ProviderName;
  readonly api: ProviderApi;
}

/** How many offers each API gave last, and how long ago that was, reckoned when the page is read. */
function createOfferMetrics(registry: Registry, clock: Clock) {
  const refreshed = new Map<ProviderApi, { source: OfferSource; atMonotonicMs: number }>();
  const count = new Gauge({
    name: 'gpu_offers',
    help: 'Offers in the last list that a provider gave.',
    labelNames: ['provider', 'api'],
    registers: [registry],
  });
  const age = new Gauge({
    name: 'gpu_offers_age_seconds',
    help: 'Time since a provider last gave its offers.',
    labelNames: ['provider', 'api'],
    registers: [registry],
    collect: () => {
      for (const { source, atMonotonicMs } of refreshed.values()) {
        age.set({ ...source }, (clock.monotonicMs() - atMonotonicMs) / MS_PER_SECOND);
      }
    },
  });
  return {
    refreshed: (source: OfferSource, offers: number): void => {
      count.set({ ...source }, offers);
      refreshed.set(source.api, { source, atMonotonicMs: clock.monotonicMs() });
    },
  };
}
