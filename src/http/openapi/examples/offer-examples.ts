import type { Static } from '@sinclair/typebox';
import type { ProviderName } from '../../../domain/ids.ts';
import type { OfferHealthAnswer } from '../../schemas/offer-health-schemas.ts';
import type { OfferAnswer } from '../../schemas/offer-schemas.ts';
import type { ExamplesOf } from './operation-examples.ts';

export const offerExamples: ExamplesOf = (provider) => {
  const offer = offerExample(provider);
  return {
    listOffers: {
      parameters: { gpu_type: '4090', max_price: 0.6 },
      answers: { 200: { offers: [offer], count: 1, total: 94 } },
    },
    listOfferHealth: {
      parameters: { offer_id: offer.id },
      answers: { 200: { places: [healthExample(provider)], count: 1, total: 1 } },
    },
    getOffer: { parameters: { id: offer.id }, answers: { 200: offer } },
  };
};

function healthExample(provider: ProviderName): Static<typeof OfferHealthAnswer>['places'][number] {
  return {
    level: 'machine',
    id: `${provider}-machine-12823`,
    provider,
    gpu_type: 'RTX 4090',
    availability_confidence: 0.094,
    prior: 0.59,
    failures: 2,
    successes: 0,
    last_error_type: 'never_ready',
    last_failed_at: '2026-01-29T11:41:10Z',
    held_until: '2026-01-30T07:09:51Z',
    forgotten_at: '2026-02-09T04:51:02Z',
  };
}

function offerExample(provider: ProviderName): Static<typeof OfferAnswer> {
  return {
    id: `${provider}-1282301`,
    provider,
    provider_id: '1282301',
    gpu_type: 'RTX 4090',
    gpu_count: 1,
    gpu_vendor: 'nvidia',
    vram_gb: 24,
    price_per_hour: 0.152617,
    price: { gpu: 0.1422, cpu: 0, ram: 0, disk: 0.010417 },
    location: 'Amsterdam, NL',
    country: 'NL',
    reliability: 0.9825,
    available: true,
    availability_confidence: 0.59,
    expected_cost: 0.286,
    max_duration_hours: 1079,
    fetched_at: '2026-01-29T11:59:32Z',
    interruptible: false,
    preservable: true,
    cuda_version: 12.9,
    cpu_cores: 8,
    ram_gb: 24,
    disk_gb: 1048,
    inet_down_mbps: 2480,
    inet_up_mbps: 2263,
    machine_id: '12823',
    min_bid: 0.0788,
  };
}
