import type { Mutant } from './mutant.ts';

/** What is doubtful is held for a person, and a person's word is kept. */
export const ORPHAN_MUTANTS: readonly Mutant[] = [
  {
    name: 'a dry run ends all the same',
    guard: 'a dry run holds everything',
    edits: [
      {
        file: 'src/domain/orphan.ts',
        find: "if (context.policy.isSweepDryRun) return { kind: 'hold', reason: 'dry_run' };",
        replace: '',
      },
    ],
    worlds: [{ directed: 'a dry run finds orphans' }],
    isQuick: true,
  },
  {
    name: 'what another broker launches is ours to end',
    guard: 'what was made while this process watched, and by no row, is held',
    edits: [
      {
        file: 'src/domain/orphan.ts',
        find: "return claim.kind !== 'nobody' || bornAt",
        replace: "return claim.kind !== 'wanted' || bornAt",
      },
    ],
    worlds: [{ directed: 'another broker has our deployment id' }],
    isQuick: true,
  },
  {
    name: 'what is ignored is judged again',
    guard: 'what a person has decided stays decided',
    edits: [
      {
        file: 'src/domain/orphan.ts',
        find: 'if (!isFresh(suspect)) return LEAVE;',
        replace: 'if (!suspect.known && !isFresh(suspect)) return LEAVE;',
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
        file: 'src/domain/orphan.ts',
        find: "if (suspect.known?.state === 'ending') return END;",
        replace: "if (suspect.known?.state === 'ending') return LEAVE;",
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
        find: 'return parts.orphans.save(orphan, [...firstWord(parts, found), asked]);',
        replace: 'await parts.book.append([...firstWord(parts, found), asked]);\n  return orphan;',
      },
    ],
    worlds: [{ directed: 'orphans from before' }],
    isQuick: true,
  },
  {
    name: 'an orphan that only a list lacks is forgotten',
    guard: 'the provider itself has to say that an orphan is gone',
    edits: [
      {
        file: 'src/sessions/orphan-acts.ts',
        find: 'const fate = fateOf(orphan.tag, await parts.provider.get(id));',
        replace: "const fate: ReturnType<typeof fateOf> = 'orphan_gone';",
      },
    ],
    worlds: [{ directed: 'lists are empty while orphans are held' }],
    isQuick: false,
  },
];
