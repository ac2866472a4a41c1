import type { Mutant } from './mutant.ts';

/** What is doubtful is held for a person, and a person's word is kept. */
export const ORPHAN_MUTANTS: readonly Mutant[] = [
  {
    name: 'a dry run ends all the same',
    guard: 'a dry run holds everything',
    edits: [
      {
        file: 'src/domain/orphan.ts',
        find: "if (policy.isSweepDryRun) return { kind: 'hold', reason: 'dry_run' };",
        replace: '',
      },
    ],
    worlds: [{ directed: 'a dry run finds orphans' }],
    isQuick: false,
  },
  {
    name: 'what another broker launches is ours to end',
    guard: 'what was made while this process watched, and by no row, is held',
    edits: [
      {
        file: 'src/domain/orphan.ts',
        find: "return claim.kind === 'nobody' && isNewcomer;",
        replace: "return claim.kind !== 'nobody' && isNewcomer;",
      },
    ],
    worlds: [{ directed: 'another broker has our deployment id' }],
    isQuick: false,
  },
  {
    name: 'what is ignored is judged again',
    guard: 'what a person has decided stays decided',
    edits: [
      {
        file: 'src/domain/orphan.ts',
        find: 'if (known && isPersons(known)) return isEnding ? END : LEAVE;\n  if (!isEnding && !isFresh(one)) return LEAVE;',
        replace: 'if (!known && !isFresh(one)) return LEAVE;',
      },
    ],
    worlds: [{ directed: 'a person ignores an orphan' }],
    isQuick: false,
  },
  {
    name: 'an end that a person asked for is forgotten by the next process',
    guard: 'the end of an orphan is asked for until it has come',
    edits: [
      {
        file: 'src/sessions/engine.ts',
        find: 'if (!this.#orphanRunner.isScheduled(id)) this.wakeOrphan(id);',
        replace: 'if (this.#orphanRunner.isScheduled(id)) this.wakeOrphan(id);',
      },
    ],
    worlds: [{ directed: 'a person ends held orphans and the process dies' }],
    isQuick: false,
  },
  {
    name: 'an orphan is ended before it is written down',
    guard: 'the decision is on disk before the provider hears of it',
    edits: [
      {
        file: 'src/sessions/orphan-acts.ts',
        find: 'if (await parts.orphans.save(orphan, firstWord(parts, one))) parts.wakeOrphan(orphan.id);',
        replace: 'await parts.provider.terminate(orphan.providerInstanceId);',
      },
    ],
    worlds: [{ directed: 'orphans from before' }],
    isQuick: false,
  },
  {
    name: 'an orphan that only a list lacks is forgotten',
    guard: 'the provider itself has to say that an orphan is gone',
    edits: [
      {
        file: 'src/sessions/reconciler.ts',
        find: 'else if (isLong) await this.#guarded(() => this.#forgetIfGone(orphan));',
        replace:
          "else await this.#guarded(() => orphans.drop(orphan, isLong ? 'orphan_gone' : 'orphan_cleared'));",
      },
    ],
    worlds: [{ directed: 'lists are empty while orphans are held' }],
    isQuick: false,
  },
  {
    name: 'an inherited intent is launched blind',
    guard: 'what a restored row does not know of is looked for before its launch is made',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'if (view.isInherited && !(view.isNothingForgotten && isProvenAbsent(sighting))) {',
        replace: 'if (view.now < 0 && view.isInherited && !isProvenAbsent(sighting)) {',
      },
    ],
    worlds: [
      { directed: 'a backup from before a launch is restored' },
      { directed: 'a backup from before the second attempt is restored' },
    ],
    isQuick: false,
  },
  {
    name: 'a full disk keeps machines',
    guard: 'what is over is ended although nothing can be written down',
    edits: [
      {
        file: 'src/sessions/end-acts.ts',
        find: 'for (const position of due.positions) await endUnrecorded(parts, stored, position);',
        replace: 'void endUnrecorded;',
      },
    ],
    worlds: [{ directed: 'the disk is full when time runs out' }],
    isQuick: true,
  },
  {
    name: 'a set clock settles a launch',
    guard: 'the time in which a launch has to show is measured by a clock that nobody sets',
    edits: [
      {
        file: 'src/sessions/watch.ts',
        find: 'return soughtForMs >= settleMs || (',
        replace: 'return settleBy <= at || (',
      },
    ],
    worlds: [{ directed: 'the clock is set forward while a launch is sought' }],
    isQuick: false,
  },
];
