import { describe, expect, it } from 'vitest';
import { readinessProblems, wantedReadiness } from '../../src/http/requests/readiness.ts';
import { PUBLIC_KEY } from '../support/builders.ts';

describe('what running means', () => {
  it.each([
    [{ workload_type: 'llm' }, 'gpu'],
    [{ workload_type: 'training' }, 'gpu'],
    [{ workload_type: 'inference' }, 'gpu'],
    [{ workload_type: 'llm_vllm' }, 'gpu'],
    [{ workload_type: 'llm_tgi' }, 'gpu'],
    [{ workload_type: 'batch' }, 'login'],
    [{ workload_type: 'interactive' }, 'login'],
    [{ workload_type: 'ssh' }, 'login'],
    [{ workload_type: 'benchmark' }, 'login'],
    [{ workload_type: 'ssh', readiness: 'gpu' }, 'gpu'],
    [{ workload_type: 'llm', readiness: 'login' }, 'login'],
    [{ workload_type: 'llm', ssh_public_key: PUBLIC_KEY }, 'login'],
    [{ workload_type: 'llm', launch_mode: 'entrypoint', model_id: 'owner/name' }, 'login'],
  ] as const)('is by %o: %s', (change, readiness) => {
    const body = { consumer_id: 'c', offer_id: 'alpha-1', reservation_hours: 2, ...change };
    expect(wantedReadiness(body)).toBe(readiness);
    expect(readinessProblems(body)).toEqual([]);
  });

  it.each([
    ['a key of the caller’s own', { ssh_public_key: PUBLIC_KEY }, 'ssh_public_key'],
    ['a server', { launch_mode: 'entrypoint', model_id: 'owner/name' }, 'entrypoint'],
  ])('cannot be GPUs with %s', (_, change, word) => {
    expect(readinessProblems({ ...change, readiness: 'gpu' })).toEqual([
      { path: 'readiness', message: expect.stringContaining(word) },
    ]);
  });
});
