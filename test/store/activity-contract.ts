import { describe, expect, test } from 'vitest';
import type { ActivityRecord } from '../../src/domain/activity/activity.ts';
import { DAY_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { MAX_ACTIVITY, type Store } from '../../src/ports/store.ts';
import { START, session, sessionId } from '../support/builders.ts';

/** What every store has to keep of activity. `current` gives one that is empty before each test. */
export function describeActivity(current: () => Store): void {
  const put = async (number = 1): Promise<void> => {
    await current().create({ session: session({ id: sessionId(number) }), events: [] });
  };

  describe('activity', () => {
    test('is found as it was saved, newest first and as much as is asked for', async () => {
      await put();
      await current().saveActivity(everyField);
      await current().saveActivity(quiet(START + 2 * MINUTE_MS));
      await current().saveActivity(quiet(START + MINUTE_MS));
      const found = await current().activityOf(sessionId(), 10);
      expect(found.map(({ at }) => at)).toEqual([START + 2 * MINUTE_MS, START + MINUTE_MS, START]);
      expect(found.at(-1)).toEqual(everyField);
      expect(await current().activityOf(sessionId(), 1)).toEqual([quiet(START + 2 * MINUTE_MS)]);
    });

    test('is each session’s own', async () => {
      await put(1);
      await put(2);
      await current().saveActivity({ ...quiet(START), sessionId: sessionId(2) });
      expect(await current().activityOf(sessionId(1), 10)).toEqual([]);
      expect(await current().activityOf(sessionId(2), 10)).toHaveLength(1);
    });

    test('of two sources at one moment is kept from both, and of one source the last word', async () => {
      await put();
      await current().saveActivity(quiet(START));
      await current().saveActivity({ ...quiet(START), source: 'agent', verdict: 'active' });
      await current().saveActivity({ ...quiet(START), because: [{ reason: 'cpu', value: 2 }] });
      expect(await current().activityOf(sessionId(), 10)).toMatchObject([
        { source: 'probe', because: [{ reason: 'cpu', value: 2 }] },
        { source: 'agent', verdict: 'active' },
      ]);
    });

    test('of a session that is not there is kept by nobody', async () => {
      await expect(current().saveActivity(quiet(START))).rejects.toThrow();
    });

    test('is kept for the latest moments, and not for ever', async () => {
      await put();
      const count = MAX_ACTIVITY + 200;
      for (let minute = 0; minute < count; minute += 1) {
        await current().saveActivity(quiet(START + minute * MINUTE_MS));
      }
      const found = await current().activityOf(sessionId(), 10_000);
      expect(found[0]?.at).toBe(START + (count - 1) * MINUTE_MS);
      expect(found.length).toBeGreaterThanOrEqual(MAX_ACTIVITY);
      expect(found.length).toBeLessThan(MAX_ACTIVITY + 100);
    });

    test('of sessions that are long over goes when others write theirs', async () => {
      await put(1);
      await put(2);
      await current().saveActivity(quiet(START));
      await current().saveActivity({ ...quiet(START + 8 * DAY_MS), sessionId: sessionId(2) });
      expect(await current().activityOf(sessionId(1), 10)).toEqual([]);
    });
  });
}

function quiet(at: number): ActivityRecord {
  return {
    sessionId: sessionId(),
    at,
    source: 'probe',
    verdict: 'idle',
    because: [{ reason: 'nothing_going_on' }],
  };
}

const everyField: Required<ActivityRecord> = {
  sessionId: sessionId(),
  at: START,
  source: 'probe',
  verdict: 'active',
  because: [{ reason: 'gpu_busy', gpu: 1, value: 97 }],
  reading: {
    attempt: 2,
    gpus: [
      {
        name: 'NVIDIA A100-SXM4-80GB',
        memoryTotalMb: 81_920,
        memoryUsedMb: 512,
        utilizationPercent: 97,
        peakPercent: 99,
        temperatureC: 61,
        powerW: 302,
      },
    ],
    work: {
      uptimeSeconds: 61.5,
      cpuCount: 16,
      cpuBusySeconds: 12.25,
      networkBytes: 1_000,
      diskBytes: 2_000,
      logins: 1,
      inputSecondsAgo: 9,
      gpuProcesses: 1,
      lookSeconds: 0.75,
      lookCpuSeconds: 0.5,
    },
  },
  rates: { cpusBusy: 1.5, networkBytesPerSecond: 10.5, diskBytesPerSecond: 0 },
};
