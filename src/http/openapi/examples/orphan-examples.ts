import type { Static } from '@sinclair/typebox';
import type { ProviderName } from '../../../domain/ids.ts';
import type { OrphanAnswer } from '../../schemas/orphan-schemas.ts';
import type { ExamplesOf } from './operation-examples.ts';

export const orphanExamples: ExamplesOf = (provider) => {
  const orphan = orphanExample(provider);
  const parameters = { id: orphan.id };
  return {
    listOrphans: {
      parameters: { state: 'held' },
      answers: { 200: { orphans: [orphan], count: 1, total: 12 } },
    },
    getOrphan: { parameters, answers: { 200: orphan } },
    terminateOrphan: {
      parameters,
      answers: { 202: { message: 'orphan termination initiated', orphan_id: orphan.id } },
    },
    ignoreOrphan: {
      parameters,
      answers: { 200: { message: 'orphan ignored', orphan_id: orphan.id } },
    },
  };
};

function orphanExample(provider: ProviderName): Static<typeof OrphanAnswer> {
  return {
    id: `${provider}-23456789`,
    provider,
    provider_instance_id: '23456789',
    tag: 'gpub-prod1-k3j5h2g8d9f0a1s2-1',
    session_id: 'sess-k3j5h2g8d9f0a1s2',
    state: 'held',
    held_for: 'dry_run',
    message: `No session wants this instance, and SWEEP_DRY_RUN keeps sweeps from ending any. It costs money until it ends: POST /orphans/${provider}-23456789/terminate ends it, POST /orphans/${provider}-23456789/ignore leaves it alone.`,
    decided_by: 'sweep',
    terminate_attempts: 0,
    detected_at: '2026-01-29T11:58:02Z',
    decided_at: '2026-01-29T11:58:02Z',
    created_at: '2026-01-29T09:12:44Z',
    price_per_hour: 0.45,
  };
}
