import type { Mutant } from './mutant.ts';

/** Nothing leaks, and every time limit is kept. */
export const END_MUTANTS: readonly Mutant[] = [
  {
    name: 'the reconciler never acts',
    guard: 'what nobody wants is ended',
    edits: [
      {
        file: 'src/sessions/orphan-acts.ts',
        find: 'if (await isStillThere(parts, one)) await end(parts, one);',
        replace: 'void end;',
      },
    ],
    worlds: [{ directed: 'orphans from before' }, { directed: 'launches are delivered twice' }],
    isQuick: true,
  },
  {
    name: 'a second copy has no row',
    guard: 'a second instance under one tag is ended and paid for',
    edits: [
      {
        file: 'src/sessions/orphan-acts.ts',
        find: 'return change && { ...change, events: [...firstWord(parts, one), ...change.events] };',
        replace: 'return change && undefined;',
      },
    ],
    worlds: [{ directed: 'launches are delivered twice' }],
    isQuick: false,
  },
  {
    name: 'terminate is asked once',
    guard: 'an end is asked for until it has come',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "return paced(instance, view) ?? { kind: 'terminate', position };\n    case 'refused':",
        replace: "return { kind: 'rest', until: undefined };\n    case 'refused':",
      },
    ],
    worlds: [{ directed: 'deletes do nothing' }],
    isQuick: false,
  },
  {
    name: 'an accepted delete is an end',
    guard: 'the provider is asked whether the instance is gone',
    edits: [
      {
        file: 'src/sessions/end-acts.ts',
        find: '    if (observation) site.watch.note(observation);\n    else await book',
        replace: '    if (!observation || site) await book',
      },
    ],
    worlds: [{ directed: 'deletes do nothing' }],
    isQuick: false,
  },
  {
    name: 'stopped is said when the end was asked for',
    guard: 'a session ends after its instances',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'if (isTerminalStatus(session.status) || hasBusyInstance(session)) return',
        replace:
          'if (isTerminalStatus(session.status) || (session.stopAskedAt === undefined && hasBusyInstance(session))) return',
      },
      {
        file: 'src/domain/lifecycle/ending.ts',
        find: '    if (hasBusyInstance(session)) return undefined;\n    // What',
        replace: '    return withStatus(',
      },
    ],
    worlds: [{ directed: 'deletes do nothing' }],
    isQuick: false,
  },
  {
    name: 'a stop during the launch is forgotten',
    guard: 'a session that was asked to end is ended whatever it is in the middle of',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: '    session.stopAskedAt !== undefined ||\n    isTerminalStatus(session.status) ||',
        replace:
          '    (session.stopAskedAt !== undefined && session.runningAt !== undefined) ||\n    isTerminalStatus(session.status) ||',
      },
    ],
    worlds: [{ directed: 'a stop comes during the launch' }],
    isQuick: false,
  },
  {
    name: 'reservations have no end',
    guard: 'a session ends when its time is up',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "if (view.now >= session.expiresAt) return 'expired';",
        replace: '',
      },
    ],
    worlds: [{ directed: 'time runs out' }],
    isQuick: true,
  },
  {
    name: 'the hard limit is soft',
    guard: 'no session runs longer than the hard limit',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "limit !== undefined && view.now >= limit) return 'hard_limit';",
        replace: "limit !== undefined && view.now < 0) return 'hard_limit';",
      },
    ],
    worlds: [{ directed: 'the hard limit comes first' }],
    isQuick: false,
  },
  {
    name: 'an attempt may take for ever',
    guard: 'an attempt that is not usable in its time is given up',
    edits: [
      {
        file: 'src/domain/lifecycle/bring-up.ts',
        find: 'if (view.now >= instance.readyBy) {',
        replace: 'if (view.now < 0) {',
      },
    ],
    worlds: [{ directed: 'all hosts are bad' }],
    isQuick: false,
  },
  {
    name: 'no login is tried',
    guard: 'a session runs after a login that worked',
    edits: [
      {
        file: 'src/sessions/bring-up-acts.ts',
        find: "if (outcome.kind !== 'proven') return;\n  const { hostKey, report } = outcome;",
        replace:
          "const hostKey = 'hostKey' in outcome ? outcome.hostKey : 'SHA256:none';\n  const report = 'report' in outcome ? outcome.report : undefined;",
      },
    ],
    worlds: [{ directed: 'calm day' }],
    isQuick: false,
  },
  {
    name: 'silence counts as idleness',
    guard: 'an agent that was silent for long may have had work',
    edits: [
      {
        file: 'src/domain/idleness.ts',
        find: 'Math.abs(at - lastIdleAt) <= policy.heartbeatGapMs;',
        replace: 'Math.abs(at - lastIdleAt) <= 100 * policy.heartbeatGapMs;',
      },
    ],
    worlds: [{ directed: 'agents rest, work now and then, or fall silent' }],
    isQuick: false,
  },
  {
    name: 'a word of work is not taken in',
    guard: 'one word of work makes idleness begin anew',
    edits: [
      {
        file: 'src/domain/idleness.ts',
        find: '{ ...withoutIdleSpan(session), lastActiveAt: evidence.at }',
        replace: '{ ...session, lastActiveAt: evidence.at }',
      },
    ],
    worlds: [{ directed: 'agents rest, work now and then, or fall silent' }],
    isQuick: false,
  },
];
