import { afterEach, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { request, sessionId } from '../support/builders.ts';
import { REPORT } from '../support/fake-shell.ts';
import { brokerOverHttp } from './broker-over-http.ts';

let close: () => Promise<void> = async () => {};
afterEach(() => close());

async function running(idleThresholdMinutes: number) {
  const { world, ask } = await brokerOverHttp({});
  close = world.close;
  const uptimeOf = () => world.clock.now() / 1_000 - 1_700_000_000;
  world.shell.inspection = async () => ({
    kind: 'logged_in',
    report: {
      ...REPORT,
      gpus: (REPORT.gpus ?? []).map((gpu) => ({ ...gpu, utilizationPercent: 0, peakPercent: 2 })),
      work: {
        uptimeSeconds: uptimeOf(),
        cpuCount: 8,
        cpuBusySeconds: uptimeOf() / 100,
        networkBytes: 4_000,
        diskBytes: 5_000,
        logins: 1,
        gpuProcesses: 0,
      },
    },
  });
  const { session, agentToken: token = '' } = await world.create(
    request({ idleThresholdMinutes, reservationHours: 4 }),
  );
  await world.clock.advance(MINUTE_MS);
  return { world, ask, id: session.id, token };
}

describe('GET /sessions/:id/activity', () => {
  it('tells of each look with its readings, newest first', async () => {
    const { world, ask, id } = await running(30);
    await world.clock.advance(3 * MINUTE_MS);
    const answer = (await ask(`/sessions/${id}/activity?limit=2`)).json();
    expect(answer).toMatchObject({
      session_id: id,
      status: 'running',
      idle_threshold_minutes: 30,
      idle_since: expect.any(String),
      idle_deadline: expect.any(String),
      count: 2,
    });
    expect(answer.activity[0]).toEqual({
      at: expect.any(String),
      source: 'probe',
      verdict: 'idle',
      because: [{ reason: 'nothing_going_on' }],
      gpus: [
        {
          utilization_percent: 0,
          peak_percent: 2,
          memory_used_mb: 812,
          memory_total_mb: 24_564,
          temperature_c: 61,
          power_w: 182,
        },
      ],
      cpus_busy: 0.01,
      network_bytes_per_second: 0,
      disk_bytes_per_second: 0,
      logins: 1,
      gpu_processes: 0,
    });
    expect(answer.activity[0].at > answer.activity[1].at).toBe(true);
  });

  it('tells of the agent’s words beside them, and of the warning', async () => {
    const { world, ask, id, token } = await running(30);
    await ask({
      method: 'POST',
      url: `/sessions/${id}/heartbeat`,
      payload: { agent_token: token, gpu_utilization: 40 },
    });
    await world.clock.advance(27 * MINUTE_MS);
    const answer = (await ask(`/sessions/${id}/activity`)).json();
    expect(answer.idle_warned_at).toEqual(expect.any(String));
    expect(answer.activity.at(-1)).toMatchObject({ source: 'agent', verdict: 'active' });
    expect(answer.activity.at(-1).because).toEqual([{ reason: 'agent_busy', value: 40 }]);
    const { idle_since, idle_warned_at, idle_deadline } = (await ask(`/sessions/${id}`)).json();
    expect({ idle_since, idle_warned_at, idle_deadline }).toEqual({
      idle_since: answer.idle_since,
      idle_warned_at: answer.idle_warned_at,
      idle_deadline: answer.idle_deadline,
    });
  });

  it('tells of the latest look alone where idleness ends nothing', async () => {
    const { world, ask, id } = await running(0);
    expect((await ask(`/sessions/${id}/activity`)).json()).toMatchObject({
      activity: [],
      count: 0,
    });
    await world.clock.advance(12 * MINUTE_MS);
    const answer = (await ask(`/sessions/${id}/activity`)).json();
    expect(answer).toMatchObject({ count: 1, activity: [{ source: 'probe' }] });
    expect(answer).not.toHaveProperty('idle_since');
  });

  it('is 404 for a session that is not there, and 400 for more than is kept', async () => {
    const { ask, id } = await running(30);
    expect((await ask(`/sessions/${sessionId(77)}/activity`)).statusCode).toBe(404);
    expect((await ask(`/sessions/${id}/activity?limit=401`)).statusCode).toBe(400);
    expect((await ask(`/sessions/${id}/activity?limit=0`)).statusCode).toBe(400);
  });
});
