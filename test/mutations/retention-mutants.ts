import type { Mutant } from './mutant.ts';

/** What keeps retention from removing what is still needed, and what keeps the sums exact when it removes. */
export const RETENTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'sessions with a kept disk are removed',
    guard: 'a session that somebody has to look after is kept, whatever its age',
    edits: [
      {
        file: 'src/store/forget-sessions.ts',
        find: "    .where('session.open', '=', 0)\n",
        replace: '',
      },
      // A disk that is kept is paid for: either of the two would do.
      {
        file: 'src/store/forget-sessions.ts',
        find: '    .where((of) => of.not(of.exists(runningMeters(of))))\n',
        replace: '',
      },
    ],
    worlds: [{ directed: 'old sessions are removed while a disk is kept' }],
    isQuick: true,
  },
  {
    name: 'sessions are removed before their bill is in',
    guard: 'what a provider charged is compared with the ledger before the ledger may go',
    edits: [
      {
        file: 'src/store/forget-sessions.ts',
        find: '    .where((of) => of.not(of.exists(machinesWithoutBill(of, bills))))\n',
        replace: '',
      },
    ],
    worlds: [{ directed: 'old sessions are removed while bills are late' }],
    isQuick: false,
  },
  {
    name: 'what a removed session cost is forgotten',
    guard: 'the cost of a session outlives it',
    edits: [
      {
        file: 'src/store/forget-sessions.ts',
        find: '(await readSessionCost(trx, id, now)) ?? 0;',
        replace: '0 * ((await readSessionCost(trx, id, now)) ?? 0);',
      },
    ],
    worlds: [{ directed: 'old sessions are removed' }],
    isQuick: false,
  },
  {
    name: 'a removed session goes out of the sums',
    guard: 'the sums of the days stay when their lines go',
    edits: [
      {
        file: 'src/store/forget-sessions.ts',
        find: 'if (unsettled) await settleCosts(trx, id);',
        replace: 'if (!unsettled) await unsettleCosts(trx, id);',
      },
      {
        file: 'src/store/forget-sessions.ts',
        find: "import { settleCosts } from './cost-sums.ts';",
        replace: "import { unsettleCosts } from './cost-sums.ts';",
      },
      {
        file: 'src/store/forget-sessions.ts',
        find: "  await trx.deleteFrom('sessions').where('id', '=', id).execute();",
        replace:
          "  await trx.deleteFrom('unsettledCosts').where('sessionId', '=', id).execute();\n  await trx.deleteFrom('sessions').where('id', '=', id).execute();",
      },
    ],
    worlds: [{ directed: 'old sessions are removed' }],
    isQuick: false,
  },
  {
    name: 'sessions are removed by a clock that was just set',
    guard: 'nothing is too old to keep by a jump of the clock before it has stood for a while',
    edits: [
      {
        file: 'src/sessions/retention.ts',
        find: 'const now = time.now();',
        replace: 'const now = clock.now();',
      },
    ],
    worlds: [{ directed: 'the clock is far ahead for a moment while old sessions are removed' }],
    isQuick: true,
  },
];
