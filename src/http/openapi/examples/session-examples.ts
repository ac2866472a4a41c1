import type { Static } from '@sinclair/typebox';
import type { ProviderName } from '../../../domain/ids.ts';
import type { CreateSessionBody } from '../../requests/create-session-body.ts';
import type { PlanAnswer } from '../../schemas/plan-schemas.ts';
import type { SessionAnswer } from '../../schemas/session-schemas.ts';
import type { ExamplesOf } from './operation-examples.ts';

export const SESSION_ID = 'sess-8wjd9v7kqjpnxo5s';
const SHUTDOWN = { message: 'session shutdown initiated', session_id: SESSION_ID };
const ID = { id: SESSION_ID };

export const sessionExamples: ExamplesOf = (provider) => {
  const running = runningSession(provider);
  return {
    createSession: {
      parameters: { 'Idempotency-Key': 'training-run-42' },
      request: requestExamples(provider),
      answers: {
        201: {
          session: newSession(provider),
          ssh_private_key: PRIVATE_KEY,
          agent_token: AGENT_TOKEN,
        },
      },
    },
    planSession: {
      parameters: { limit: 3 },
      request: { byRequirements: requestExamples(provider).byRequirements },
      answers: { 200: plan(provider) },
    },
    listSessions: {
      parameters: { consumer_id: 'my-application', status: 'running' },
      answers: { 200: { sessions: [running], count: 1, total: 1 } },
    },
    getSession: { parameters: ID, answers: { 200: running } },
    finishSession: { parameters: ID, answers: { 200: SHUTDOWN } },
    destroySession: {
      parameters: ID,
      answers: { 200: { message: 'session destroyed', session_id: SESSION_ID }, 202: SHUTDOWN },
    },
    resumeSession: { parameters: ID, answers: { 200: resumedSession(provider) } },
    extendSession: {
      parameters: ID,
      request: { twoHours: { summary: 'Two hours more', value: { additional_hours: 2 } } },
      answers: {
        200: {
          message: 'session extended',
          session_id: SESSION_ID,
          new_expires_at: '2026-01-29T16:00:05Z',
        },
      },
    },
  };
};

/** Cut short, both: the form is what is shown. */
export const AGENT_TOKEN = 'agent_Zk9…';
const PRIVATE_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\n…\n-----END OPENSSH PRIVATE KEY-----\n';

function requestExamples(provider: ProviderName) {
  const byOffer: CreateSessionBody = {
    consumer_id: 'my-application',
    offer_id: `${provider}-1282301`,
    workload_type: 'training',
    reservation_hours: 2,
    disk_gb: 100,
    max_price: 0.6,
  };
  const byRequirements: CreateSessionBody = {
    consumer_id: 'my-application',
    requirements: { gpu_type: 'A100', max_price: 2, prefer: 'reliability' },
    workload_type: 'llm',
    reservation_hours: 4,
  };
  const server: CreateSessionBody = {
    consumer_id: 'my-application',
    requirements: { gpu_type: 'RTX 4090', max_price: 2 },
    workload_type: 'llm_vllm',
    reservation_hours: 1,
    launch_mode: 'entrypoint',
    model_id: 'Qwen/Qwen2.5-7B-Instruct',
  };
  const bid: CreateSessionBody = {
    consumer_id: 'my-application',
    offer_id: `${provider}-1282301`,
    workload_type: 'training',
    reservation_hours: 4,
    pricing: 'interruptible',
    bid_price: 0.1,
    storage_policy: 'preserve',
  };
  return {
    byOffer: { summary: 'An offer of the menu, with a ceiling', value: byOffer },
    byRequirements: { summary: 'The broker picks the offer', value: byRequirements },
    bid: { summary: 'For a bid, with the disk kept at the end', value: bid },
    server: { summary: 'A model served over HTTP', value: server },
  };
}

function plan(provider: ProviderName): Static<typeof PlanAnswer> {
  return {
    candidates: [
      {
        offer_id: `${provider}-1313501`,
        provider,
        gpu_type: 'A100 PCIE',
        gpu_count: 1,
        vram_gb: 80,
        location: 'Sweden, SE',
        price_per_hour: 0.91,
        reliability: 0.9987,
        availability_confidence: 0.84,
        expected_cost: 3.683,
        cost_parts: { rent: 3.64, start: 0.018, failures: 0.025 },
        reasons: [
          'the highest reliability: 0.9987',
          'expected to cost 3.683 USD: 3.640 for 4 h, 0.018 until it is up, 0.025 for launches that fail',
          '84 of 100 launches of its like are expected to come up',
        ],
      },
    ],
    count: 1,
    total: 12,
    ranked_by: 'reliability',
    disk_gb: 50,
    max_attempts: 20,
    search_timeout_minutes: 120,
    budget: { verdict: 'enough', shortfalls: [] },
  };
}

type Session = Static<typeof SessionAnswer>;

function newSession(provider: ProviderName): Session {
  const offerId = `${provider}-1282301`;
  const startedAt = '2026-01-29T12:00:00Z';
  return {
    id: SESSION_ID,
    consumer_id: 'my-application',
    status: 'provisioning',
    launch_mode: 'ssh',
    workload_type: 'training',
    reservation_hours: 2,
    idle_threshold_minutes: 0,
    storage_policy: 'destroy',
    disk_gb: 100,
    created_at: startedAt,
    expires_at: '2026-01-29T14:15:00Z',
    cost_so_far: 0,
    attempts: [
      {
        offer_id: offerId,
        provider,
        outcome: 'provisioning',
        started_at: startedAt,
        cost: 0,
        price_per_hour: 0.163033,
      },
    ],
    provider,
    gpu_type: 'RTX 4090',
    gpu_count: 1,
    price_per_hour: 0.163033,
    offer_id: offerId,
  };
}

/** Kept for some hours, and coming up again for its two hours. */
function resumedSession(provider: ProviderName): Session {
  const started = newSession(provider);
  return {
    ...started,
    storage_policy: 'preserve',
    expires_at: '2026-01-29T20:15:00Z',
    cost_so_far: 0.389,
    attempts: started.attempts.map((attempt) => ({ ...attempt, cost: 0.389 })),
  };
}

function runningSession(provider: ProviderName): Session {
  const started = newSession(provider);
  return {
    ...started,
    status: 'running',
    expires_at: '2026-01-29T14:00:05Z',
    cost_so_far: 0.000827,
    attempts: started.attempts.map((attempt) => ({
      ...attempt,
      outcome: 'running' as const,
      cost: 0.000827,
    })),
    ssh_host: '203.0.113.24',
    ssh_port: 33815,
    ssh_user: 'root',
    ssh_host_key: 'SHA256:rrjoBNznfl+5NF8reKjMM3IIad8ZdvVVU+7OOap6h5E',
    running_at: '2026-01-29T12:00:05Z',
  };
}
