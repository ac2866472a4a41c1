import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { someEndIdle } from './checkers/some-end-idle.ts';
import type { CalmBut } from './directed.ts';
import type { WorldOptions } from './world.ts';

/** Worlds about what agents say, fresh at each call. */
export function agentWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  const agents = {
    share: 1,
    natures: ['rests', 'works now and then', 'falls silent'],
    thresholdMinutes: [6, 8],
  } as const;
  const people = {
    agents,
    sessions: 9,
    clients: 'stay',
    hosts: { vast: 16, tensordock: 16 },
    busyMs: 30 * MINUTE_MS,
  } as const;
  return {
    'agents rest, work now and then, or fall silent': () =>
      calmBut(people, { checkers: [someEndIdle] }),

    'the broker dies while agents tell of idleness': () =>
      calmBut(
        {
          ...people,
          isCalm: false,
          crashes: { kind: 'random', count: 3, meanGapMs: 3 * MINUTE_MS, downMs: 20 * SECOND_MS },
        },
        { checkers: [someEndIdle] },
      ),
  };
}
