import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { refusersAreLeft } from './checkers/refusers-are-left.ts';
import { someRun } from './checkers/some-run.ts';
import type { CalmBut } from './directed.ts';
import type { WorldOptions } from './world.ts';

/** Worlds about what providers refuse for more than one offer, fresh at each call. */
export function refusalWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  return {
    'one marketplace has no credit': () =>
      calmBut(
        {
          isCalm: false,
          apis: ['vastai', 'tensordock-v2'],
          sessions: 6,
          hosts: { vast: 12, tensordock: 12 },
          wants: ({ provider }) => provider === 'vastai',
          choices: ['offer-or-like'],
          scopes: ['any'],
          script: ({ market }) => market.drainCredit('vastai'),
        },
        { checkers: [refusersAreLeft, someRun()] },
      ),

    'refused requests are asked again with their keys': () =>
      calmBut(
        {
          isCalm: false,
          sessions: 4,
          asksTwice: 1,
          asksAgain: 'after refusals too',
          hosts: { vast: 12, tensordock: 12 },
          crashes: { kind: 'random', count: 6, meanGapMs: 40 * SECOND_MS, downMs: 5 * SECOND_MS },
          script: ({ market, at }) => {
            for (const name of ['vastai', 'tensordock'] as const) {
              market.drainCredit(name);
              at(6 * MINUTE_MS, () => market.payIn(name, 50));
            }
          },
        },
        { checkers: [someRun()] },
      ),
  };
}
