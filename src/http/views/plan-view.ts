import type { Static } from '@sinclair/typebox';
import { toUsd } from '../../domain/money.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import type { PlannedOffer, SessionPlan } from '../../sessions/session-plan.ts';
import type { PlanAnswer } from '../schemas/plan-schemas.ts';
import { shownConfidence } from './offer-view.ts';

type Answer = Static<typeof PlanAnswer>;

export function planView(plan: SessionPlan): Answer {
  const { candidates, shortfalls } = plan;
  return {
    candidates: candidates.map(candidateView),
    count: candidates.length,
    total: plan.fitting,
    ranked_by: plan.rankedBy,
    disk_gb: plan.request.diskGb,
    max_attempts: plan.maxAttempts,
    search_timeout_minutes: plan.searchMs / MINUTE_MS,
    budget: {
      verdict: shortfalls.length === 0 ? 'enough' : 'partly',
      shortfalls: shortfalls.map(({ provider, offers, shortfall }) => ({
        provider,
        offers,
        needed_usd: toUsd(shortfall.needed),
        balance_usd: toUsd(shortfall.balance),
      })),
    },
  };
}

function candidateView({ offer, perHour, cost, reasons }: PlannedOffer): Answer['candidates'][0] {
  return {
    offer_id: offer.id,
    provider: offer.provider,
    gpu_type: offer.gpuType,
    gpu_count: offer.gpuCount,
    vram_gb: offer.vramGb,
    location: offer.location,
    price_per_hour: toUsd(perHour),
    reliability: offer.reliability,
    availability_confidence: shownConfidence(offer),
    expected_cost: toUsd(cost.total),
    cost_parts: {
      rent: toUsd(cost.rent),
      start: toUsd(cost.start),
      failures: toUsd(cost.failures),
    },
    reasons: [...reasons],
  };
}
