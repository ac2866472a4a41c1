import { describe, expect, it } from 'vitest';
import { AGENT_TOKEN, errorOf, NOW, problemsOf, SESSION_ID, world } from './http-world.ts';

function beat(payload: object, id = SESSION_ID) {
  return { method: 'POST', url: `/sessions/${id}/heartbeat`, payload } as const;
}

describe('POST /sessions/:id/heartbeat', () => {
  it('answers with the idle minutes, and with no deadline where there is none', async () => {
    const answer = await world().inject(beat({ agent_token: AGENT_TOKEN }));
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ idle_minutes: 3, idle_deadline: null });
  });

  it('answers with the deadline where idleness ends the session', async () => {
    const heartbeatOutcome = { kind: 'taken', idleMinutes: 0, idleDeadline: NOW } as const;
    const answer = await world({ heartbeatOutcome }).inject(beat({ agent_token: AGENT_TOKEN }));
    expect(answer.json()).toEqual({ idle_minutes: 0, idle_deadline: '2026-01-29T12:00:00Z' });
  });

  it('passes on what was said, and that nothing was', async () => {
    const { inject, heartbeats } = world();
    await inject(beat({ agent_token: AGENT_TOKEN, busy: false, gpu_utilization: 3.5 }));
    await inject(beat({ agent_token: AGENT_TOKEN }));
    const origin = { requestId: 'made-request-id' };
    expect(heartbeats).toEqual([
      { token: AGENT_TOKEN, report: { isBusy: false, gpuUtilizationPercent: 3.5 }, origin },
      {
        token: AGENT_TOKEN,
        report: { isBusy: undefined, gpuUtilizationPercent: undefined },
        origin,
      },
    ]);
  });

  it.each([
    [{}, ['agent_token: is required']],
    [{ agent_token: '' }, ['agent_token: must not be empty']],
    [{ agent_token: 7 }, ['agent_token: must be a text']],
    [{ agent_token: 'x'.repeat(257) }, [expect.stringMatching(/^agent_token: /)]],
    [{ agent_token: 'x', busy: 'yes' }, ['busy: must be true or false']],
    [{ agent_token: 'x', gpu_utilization: -1 }, ['gpu_utilization: must be at least 0']],
    [{ agent_token: 'x', gpu_utilization: 100.5 }, ['gpu_utilization: must be at most 100']],
    [
      { agent_token: 'x', gpu_utilisation: 5 },
      ['gpu_utilisation: is not known; did you mean gpu_utilization?'],
    ],
  ])('refuses %j', async (payload, problems) => {
    const { inject, heartbeats } = world();
    const answer = await inject(beat(payload));
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual(problems);
    expect(heartbeats).toEqual([]);
  });

  it('answers a wrong token and an unknown session to the letter alike', async () => {
    const { inject } = world();
    const wrong = await inject(beat({ agent_token: 'agent_wrong' }));
    expect(wrong.statusCode).toBe(401);
    expect(errorOf(wrong).error_type).toBe('unauthorized');
    expect(wrong.headers['www-authenticate']).toBe('AgentToken realm="gpu-broker"');
    for (const id of ['sess-0000000000000000', 'anything']) {
      const unknown = await inject(beat({ agent_token: AGENT_TOKEN }, id));
      expect([unknown.statusCode, unknown.body]).toEqual([401, wrong.body]);
    }
  });

  it('is a conflict when the session ends', async () => {
    const heartbeatOutcome = { kind: 'ending' } as const;
    const answer = await world({ heartbeatOutcome }).inject(beat({ agent_token: AGENT_TOKEN }));
    expect(answer.statusCode).toBe(409);
    expect(errorOf(answer).error_type).toBe('conflict');
  });

  it('needs no API token, which is nothing for a rented machine to hold, and takes none instead', async () => {
    const { inject } = world({ tokens: [{ name: 'alice', token: 'api-secret' }] });
    expect((await inject(beat({ agent_token: AGENT_TOKEN }))).statusCode).toBe(200);
    const answer = await inject({
      ...beat({ agent_token: 'api-secret' }),
      headers: { authorization: 'Bearer api-secret' },
    });
    expect(answer.statusCode).toBe(401);
  });

  it('is counted against the rate of its sender all the same', async () => {
    const { inject } = world({ rateLimitPerMinute: 1 });
    expect((await inject(beat({ agent_token: 'guess' }))).statusCode).toBe(401);
    expect((await inject(beat({ agent_token: AGENT_TOKEN }))).statusCode).toBe(429);
  });

  it.each(['starting', 'stopping'] as const)('is taken while the broker is %s', async (startAt) => {
    const answer = await world({ startAt }).inject(beat({ agent_token: AGENT_TOKEN }));
    expect(answer.statusCode).toBe(200);
  });

  it('leaves its token in no log line', async () => {
    const { inject, logLines } = world();
    await inject(beat({ agent_token: AGENT_TOKEN }));
    await inject(beat({ agent_token: 'agent_wrong' }));
    expect(logLines.length).toBeGreaterThan(0);
    expect(JSON.stringify(logLines)).not.toMatch(/agent_(made-up|wrong)/);
  });
});
