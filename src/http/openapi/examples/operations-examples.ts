import type { Static } from '@sinclair/typebox';
import type { ProviderName } from '../../../domain/ids.ts';
import type { HealthAnswer } from '../../schemas/health-schemas.ts';
import { landingPaths } from '../landing-links.ts';
import type { ExamplesOf } from './operation-examples.ts';

const NOW = '2026-01-29T12:00:00Z';
export const operationsExamples: ExamplesOf = (provider) => ({
  getLanding: {
    answers: { 200: { name: 'gpu-broker', version: '0.1.0', links: landingPaths() } },
  },
  getHealth: { answers: { 200: health(provider), 503: starting(provider) } },
  getReadiness: {
    answers: { 200: { ready: true, timestamp: NOW }, 503: { ready: false, timestamp: NOW } },
  },
  getMetrics: { answers: { 200: metrics(provider) } },
});

function metrics(provider: ProviderName): string {
  return [
    '# HELP gpu_sessions_active Sessions that are not over.',
    '# TYPE gpu_sessions_active gauge',
    `gpu_sessions_active{provider="${provider}",status="running"} 2`,
    '',
  ].join('\n');
}

function health(provider: ProviderName): Static<typeof HealthAnswer> {
  return {
    status: 'ok',
    timestamp: NOW,
    services: { lifecycle: 'running', inventory: 'ok', ready: 'true' },
    providers: {
      [provider]: {
        status: 'ok',
        offers: 357,
        last_success_at: '2026-01-29T11:59:39Z',
        balance_usd: 41.27,
        balance_at: '2026-01-29T11:58:02Z',
        burn_usd_per_hour: 1.64,
        hours_left: 25.1,
      },
    },
    incidents: [],
  };
}

function starting(provider: ProviderName): Static<typeof HealthAnswer> {
  return {
    ...health(provider),
    status: 'unavailable',
    services: { lifecycle: 'stopped', inventory: 'ok', ready: 'false' },
  };
}
