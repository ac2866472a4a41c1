import type { Static } from '@sinclair/typebox';
import type { ProviderName } from '../../../domain/ids.ts';
import type { CostSummaryAnswer } from '../../schemas/cost-schemas.ts';
import type { ExamplesOf } from './operation-examples.ts';

export const costExamples: ExamplesOf = (provider) => ({
  getCosts: {
    parameters: { consumer_id: 'my-application', period: 'monthly' },
    answers: { 200: { ...summary('my-application', provider), periods: [MONTH] } },
  },
  getCostSummary: { answers: { 200: summary('', provider) } },
});

const TOTALS = { total_cost: 45.67, session_count: 12, hours_used: 98.5 };
const MONTH = { start: '2026-01-01T00:00:00Z', end: '2026-01-31T23:59:59Z', ...TOTALS };

function summary(consumer: string, provider: ProviderName): Static<typeof CostSummaryAnswer> {
  return {
    consumer_id: consumer,
    ...TOTALS,
    currency: 'USD',
    by_provider: { [provider]: 45.67 },
    by_gpu_type: { 'RTX 4090': 25, 'A100 SXM4': 20.67 },
    period_start: MONTH.start,
    period_end: MONTH.end,
    reconciled: {
      billed_total: 31.12,
      traffic: 0.84,
      estimated_total: 30.27,
      drift: 0.01,
      sessions: 9,
      as_of: '2026-01-29T11:45:00Z',
    },
  };
}
