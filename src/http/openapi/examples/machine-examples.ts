import type { ExamplesOf } from './operation-examples.ts';
import { AGENT_TOKEN, SESSION_ID } from './session-examples.ts';

const ID = { id: SESSION_ID };

const ACTIVITY = {
  session_id: SESSION_ID,
  status: 'running',
  idle_threshold_minutes: 30,
  idle_since: '2026-01-29T13:02:10Z',
  idle_deadline: '2026-01-29T13:32:10Z',
  activity: [
    {
      at: '2026-01-29T13:03:02Z',
      source: 'probe',
      verdict: 'idle',
      because: [{ reason: 'nothing_going_on' }],
      gpus: [
        {
          utilization_percent: 0,
          peak_percent: 0,
          memory_used_mb: 812,
          memory_total_mb: 24564,
          temperature_c: 41,
          power_w: 22,
        },
      ],
      logins: 1,
      gpu_processes: 1,
      cpus_busy: 0.008,
      network_bytes_per_second: 640,
      disk_bytes_per_second: 2048,
    },
    {
      at: '2026-01-29T13:02:10Z',
      source: 'agent',
      verdict: 'active',
      because: [{ reason: 'agent_busy', value: 37 }],
    },
  ],
  count: 2,
} as const;

/** What is asked of, and told by, the machine of a session. */
export const machineExamples: ExamplesOf = (provider) => ({
  getSessionDiagnostics: {
    parameters: ID,
    answers: {
      200: {
        session_id: SESSION_ID,
        status: 'running',
        provider,
        gpu_type: 'RTX 4090',
        gpu_count: 1,
        launch_mode: 'ssh',
        api_endpoint: '',
        created_at: '2026-01-29T12:00:00Z',
        expires_at: '2026-01-29T14:00:05Z',
        uptime: '1h 30m',
        time_to_expiry: '30m',
        ssh_available: true,
        note: "A login with the session's key worked just now; the figures were read through it.",
        ssh_host: '203.0.113.24',
        ssh_port: 33815,
        ssh_user: 'root',
        idle_minutes: 2,
        gpu: [
          {
            name: 'NVIDIA GeForce RTX 4090',
            memory_total_mb: 24564,
            memory_used_mb: 812,
            utilization_percent: 37,
            temperature_c: 61,
            power_w: 182,
          },
        ],
        driver_version: '570.133.20',
        cuda_version: '12.8',
        disk_free_gb: 93.88,
      },
    },
  },
  getSessionActivity: { parameters: ID, answers: { 200: ACTIVITY } },
  sendHeartbeat: {
    parameters: ID,
    request: {
      work: { summary: 'There is work', value: { agent_token: AGENT_TOKEN, busy: true } },
      figure: {
        summary: 'What the GPUs say',
        value: { agent_token: AGENT_TOKEN, gpu_utilization: 0 },
      },
    },
    answers: { 200: { idle_minutes: 0, idle_deadline: null } },
  },
});
