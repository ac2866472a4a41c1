import type { Mutant } from './mutant.ts';

/** What is said to cost is what is billed, and what is shown is what can be had. */
export const MONEY_MUTANTS: readonly Mutant[] = [
  {
    name: 'the meter starts at the first look',
    guard: 'what is charged from creation on is booked from creation on',
    edits: [
      {
        file: 'src/domain/lifecycle/launching.ts',
        find: 'costs: openLedger(acceptance.rule, instance.price, acceptance.createdAt),',
        replace:
          'costs: openLedger({ ...acceptance.rule, created: [] }, instance.price, acceptance.createdAt),',
      },
    ],
    worlds: [{ directed: 'no list answers after a launch, TensorDock' }],
    isQuick: false,
  },
  {
    name: 'running is charged from the look',
    guard: 'what is charged while running is booked from when it began to run',
    edits: [
      {
        file: 'src/domain/billing.ts',
        find: 'isOnlyWhileRunning(part, rule) && !fact.isBack ? fact.runningSince : undefined;',
        replace: 'isOnlyWhileRunning(part, rule) && !fact.isBack ? fact.at : undefined;',
      },
    ],
    worlds: [{ directed: 'no list answers after a launch, Vast.ai' }],
    isQuick: false,
  },
  {
    name: 'no look before the end',
    guard: 'what ran up unseen is learnt before the instance is ended',
    edits: [
      {
        file: 'src/sessions/end-acts.ts',
        find: '  await lookOnceMore(parts, target, id);\n',
        replace: '',
      },
    ],
    worlds: [{ directed: 'a stop comes before the first look' }],
    isQuick: false,
  },
  {
    name: 'the reservation starts at the order',
    guard: 'nobody pays for the boot with reserved time',
    edits: [
      {
        file: 'src/domain/lifecycle/serving.ts',
        find: 'expiresAt: at + reservedMs }',
        replace: 'expiresAt: session.createdAt + reservedMs }',
      },
    ],
    worlds: [{ directed: 'calm day' }],
    isQuick: false,
  },
  {
    name: 'old offers stay on the menu',
    guard: 'offers that nobody could refresh are dropped',
    edits: [
      {
        file: 'src/inventory/shelf.ts',
        find: 'fetchedAt + this.#policy.offersMaxAgeMs;',
        replace: 'Number.MAX_SAFE_INTEGER;',
      },
    ],
    worlds: [{ directed: 'nobody answers for a quarter of an hour' }],
    isQuick: false,
  },
];
