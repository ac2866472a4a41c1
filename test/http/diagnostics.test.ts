import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { Finding } from '../../src/sessions/diagnostics.ts';
import { REPORT } from '../support/fake-shell.ts';
import { errorOf, instance, NOW, problemsOf, SESSION_ID, session, world } from './http-world.ts';

const PATH = `/sessions/${SESSION_ID}/diagnostics`;

/** The answer where this was found of this session. */
async function told(
  finding: Finding,
  overrides: Partial<Session> = {},
): Promise<Record<string, unknown>> {
  const stored = session(overrides);
  const [current = instance()] = stored.instances;
  const examination = { kind: 'examined', session: stored, instance: current, finding } as const;
  const answer = await world({ stored, examination }).inject(PATH);
  expect(answer.statusCode).toBe(200);
  return answer.json();
}

describe('GET /sessions/:id/diagnostics', () => {
  it('is the document of old with what was read beside it', async () => {
    const runningAt = NOW - 90 * MINUTE_MS;
    const times = { runningAt, expiresAt: NOW + 30 * MINUTE_MS, lastActiveAt: NOW - 7 * MINUTE_MS };
    expect(await told({ kind: 'logged_in', report: REPORT }, times)).toEqual({
      session_id: SESSION_ID,
      status: 'running',
      provider: 'vastai',
      gpu_type: 'RTX 4090',
      gpu_count: 1,
      ssh_host: '192.0.2.10',
      ssh_port: 2222,
      ssh_user: 'root',
      launch_mode: 'ssh',
      api_endpoint: '',
      created_at: '2026-01-29T11:00:00Z',
      expires_at: '2026-01-29T12:30:00Z',
      uptime: '1h 30m',
      time_to_expiry: '30m',
      ssh_available: true,
      note: expect.stringMatching(/^A login with the session's key worked/),
      gpu: [
        {
          name: 'NVIDIA GeForce RTX 4090',
          memory_total_mb: 24_564,
          memory_used_mb: 812,
          utilization_percent: 37,
          temperature_c: 61,
          power_w: 182,
        },
      ],
      driver_version: '570.133.20',
      cuda_version: '12.8',
      disk_free_gb: 41.3,
      idle_minutes: 7,
    });
  });

  it('leaves out what could not be read, of the machine and of each GPU', async () => {
    const [card] = REPORT.gpus ?? [];
    const gpu = { ...card, name: 'NVIDIA GB10', memoryTotalMb: undefined, memoryUsedMb: undefined };
    const bare = {
      driverVersion: undefined,
      cudaVersion: undefined,
      diskFreeBytes: undefined,
      work: undefined,
    };
    const withGpu = await told({
      kind: 'logged_in',
      report: {
        ...bare,
        gpus: [{ ...gpu, utilizationPercent: 0, temperatureC: undefined, powerW: undefined }],
      },
    });
    expect(withGpu['gpu']).toEqual([{ name: 'NVIDIA GB10', utilization_percent: 0 }]);
    const without = await told({ kind: 'logged_in', report: { ...bare, gpus: undefined } });
    expect(without).toMatchObject({
      ssh_available: true,
      note: expect.stringContaining('nvidia-smi did not answer'),
    });
    for (const name of ['gpu', 'driver_version', 'cuda_version', 'disk_free_gb', 'idle_minutes']) {
      expect(without).not.toHaveProperty(name);
    }
  });

  it.each<[Finding, boolean, RegExp]>([
    [{ kind: 'key_accepted' }, true, /accepts the session's public key.*secrets key is another/],
    [{ kind: 'unreachable', phase: 'connect' }, false, /nothing listens/],
    [{ kind: 'unreachable', phase: 'key_exchange' }, false, /broke in the key exchange/],
    [{ kind: 'timed_out', phase: 'authentication' }, false, /not answer in time at the auth/],
    [{ kind: 'auth_refused' }, false, /does not accept the session's key/],
    [
      { kind: 'host_key_changed', hostKey: 'SHA256:other' },
      false,
      /shows the key SHA256:other and not SHA256:fingerprint/,
    ],
    [{ kind: 'no_address' }, false, /no known address/],
  ])('says what became of the login: %j', async (finding, isAvailable, note) => {
    const answer = await told(finding);
    expect(answer['ssh_available']).toBe(isAvailable);
    expect(answer['note']).toMatch(note);
    expect(answer).not.toHaveProperty('gpu');
  });

  it("says that the broker reads nothing where the key is the caller's own", async () => {
    const request = { ...session().request, sshPublicKey: 'ssh-ed25519 THEIRS' };
    expect(await told({ kind: 'key_accepted' }, { request })).toMatchObject({
      ssh_available: true,
      note: expect.stringMatching(/the caller's alone.*client-side SSH access/),
    });
  });

  it('tells where a server answers, and that it offers no login', async () => {
    const request = {
      ...session().request,
      workload: { kind: 'entrypoint', image: 'vllm/vllm-openai', ports: [8000] },
    } as const;
    const { address: _, ...machine } = instance({ endpoint: { host: '192.0.2.10', port: 40_001 } });
    const server = { request, instances: [machine] };
    const answer = await told({ kind: 'no_address' }, server);
    expect(answer).toMatchObject({
      launch_mode: 'entrypoint',
      api_endpoint: 'http://192.0.2.10:40001',
      ssh_available: false,
      note: expect.stringContaining('serves at api_endpoint'),
    });
    expect(answer).not.toHaveProperty('ssh_host');
    const sixth = { ...machine, endpoint: { host: '2001:db8::7', port: 80 } };
    expect(await told({ kind: 'no_address' }, { request, instances: [sixth] })).toMatchObject({
      api_endpoint: 'http://[2001:db8::7]:80',
    });
  });

  it.each([
    [0, '0m'],
    [59_999, '0m'],
    [59 * MINUTE_MS, '59m'],
    [HOUR_MS, '1h 0m'],
    [12 * HOUR_MS - 1, '11h 59m'],
  ])('writes %i ms as %s', async (spanMs, text) => {
    const answer = await told(
      { kind: 'auth_refused' },
      { runningAt: NOW - spanMs, expiresAt: NOW + spanMs },
    );
    expect(answer).toMatchObject({ uptime: text, time_to_expiry: text });
  });

  it('says none rather than less of a time that is over', async () => {
    const late = { runningAt: NOW + MINUTE_MS, expiresAt: NOW - MINUTE_MS };
    expect(await told({ kind: 'auth_refused' }, late)).toMatchObject({
      uptime: '0m',
      time_to_expiry: '0m',
    });
  });

  it('is 400 for a session that does not run, and says what it does', async () => {
    const examination = { kind: 'not_running', status: 'stopping' } as const;
    const answer = await world({ examination }).inject(PATH);
    expect(answer.statusCode).toBe(400);
    expect(errorOf(answer).error_type).toBe('validation_error');
    expect(problemsOf(answer)).toEqual(['id: names a session that is stopping, not running']);
  });

  it.each(['sess-0000000000000000', 'anything', '%00'])('is 404 for %s', async (id) => {
    const answer = await world().inject(`/sessions/${id}/diagnostics`);
    expect(answer.statusCode).toBe(404);
    expect(errorOf(answer).error_type).toBe('not_found');
  });

  it('is 429 with a time to come back when too many are asked for', async () => {
    const answer = await world({ examination: { kind: 'too_busy' } }).inject(PATH);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers['retry-after']).toBe('5');
    expect(errorOf(answer).error_type).toBe('rate_limited');
  });

  it('takes no parameters, and needs a token where there are tokens', async () => {
    expect((await world().inject(`${PATH}?full=1`)).statusCode).toBe(400);
    const guarded = world({ tokens: [{ name: 'alice', token: 'secret' }] });
    expect((await guarded.inject(PATH)).statusCode).toBe(401);
  });

  it.each(['starting', 'stopping'] as const)(
    'is served while the broker is %s',
    async (startAt) => {
      expect((await world({ startAt }).inject(PATH)).statusCode).toBe(200);
    },
  );

  it('shows no key and no token', async () => {
    const stored = session({ agentTokenHash: 'HASH-OF-TOKEN' });
    const { body } = await world({ stored }).inject(PATH);
    for (const secret of ['SEALED', 'PUBLIC-PART', 'HASH', 'adapter', 'instance-777', 'gpub-']) {
      expect(body).not.toContain(secret);
    }
  });
});
