import type { Mutant } from './mutant.ts';

/** One request, one instance; nothing is rented that is not on disk. */
export const LAUNCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'launch before its commit',
    guard: 'the intent is on disk before the provider hears of it',
    edits: [
      {
        file: 'src/sessions/launch-acts.ts',
        find: 'const begun = await book.update(session.id, startLaunch(position, clock.now(), timeoutMs));\n  if (!begun) return;',
        replace: '',
      },
      {
        file: 'src/sessions/launch-acts.ts',
        find: '    .catch(asFailure);',
        replace:
          '    .catch(asFailure);\n  await book.update(session.id, startLaunch(position, clock.now(), timeoutMs));',
      },
    ],
    worlds: [{ directed: 'calm day' }],
    isQuick: true,
  },
  {
    name: 'unknown is refused',
    guard: 'an unknown outcome of a launch is not a failure',
    edits: [
      {
        file: 'src/sessions/launch-acts.ts',
        find: "if (failure.outcome === 'unknown') {",
        replace: 'if (at < 0) {',
      },
    ],
    worlds: [{ directed: 'answers get lost' }],
    isQuick: true,
  },
  {
    name: 'unknown is launched again',
    guard: 'a launch of unknown outcome is never repeated',
    edits: [
      {
        file: 'src/sessions/launch-acts.ts',
        find: 'return markUnsettled(position, { at, settleBy: at + site.provider.settleMs, detail });',
        replace: 'return postponeLaunch(position, at + parts.policy.launchRetryMs);',
      },
    ],
    worlds: [{ directed: 'answers get lost' }],
    isQuick: false,
  },
  {
    name: 'a broken connection is a no',
    guard: 'a launch whose answer was lost may have happened',
    edits: [
      {
        file: 'src/providers/http-transport.ts',
        find: "outcome: call.hasEffect && error.mayHaveArrived ? 'unknown' : 'not_done',",
        replace: "outcome: 'not_done',",
      },
    ],
    worlds: [{ directed: 'answers get lost' }],
    isQuick: false,
  },
  {
    name: 'a launch that died with its process is made again',
    guard: 'after a restart a launch that may be in flight is looked for, not repeated',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "return { kind: 'mark_unsettled', position };",
        replace: "return { kind: 'launch', position };",
      },
    ],
    worlds: [{ directed: 'a launch of unknown outcome shows late' }],
    isQuick: false,
  },
  {
    name: 'nothing is adopted',
    guard: 'an instance that is found by its tag is bound to its attempt',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "view.sightings[position];\n  if (sighting?.kind === 'seen') {\n    return { kind: 'adopt'",
        replace:
          "view.sightings[position];\n  if (sighting?.kind === 'seen' && view.now < 0) {\n    return { kind: 'adopt'",
      },
    ],
    worlds: [{ directed: 'answers get lost' }],
    isQuick: false,
  },
  {
    name: 'an unsettled launch is written off at once',
    guard: 'a launch of unknown outcome is given the time in which it may still appear',
    edits: [
      {
        file: 'src/sessions/watch.ts',
        find: 'return soughtForMs >= settleMs || (',
        replace: 'return soughtForMs >= 0 || (',
      },
    ],
    worlds: [{ directed: 'a launch of unknown outcome shows late' }],
    isQuick: false,
  },
  {
    name: 'one list writes a launch off',
    guard: 'two lists, apart in time, have to lack a launch that may have happened',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "return isProvenAbsent(sighting)\n    ? { kind: 'write_off'",
        replace: "return sighting?.kind === 'absent'\n    ? { kind: 'write_off'",
      },
    ],
    worlds: [{ directed: 'nobody lists a launch until it was given up' }],
    isQuick: false,
  },
  {
    name: 'the next attempt does not wait',
    guard: 'an attempt that failed is gone before the next one is launched',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'if (isTerminalStatus(session.status) || hasBusyInstance(session)) return',
        replace:
          "if (session.stopAskedAt === undefined && session.instances.some(({ state }) => state === 'terminating')) return { kind: 'next_attempt' };\n  if (isTerminalStatus(session.status) || hasBusyInstance(session)) return",
      },
      {
        file: 'src/domain/lifecycle/launching.ts',
        find: 'if (session.stopAskedAt !== undefined || hasOpenInstance(session)) return undefined;',
        replace: '',
      },
      {
        file: 'src/domain/placement.ts',
        find: '!last || !isFinalInstance(last.state)',
        replace: "!last || (!isFinalInstance(last.state) && last.state !== 'terminating')",
      },
    ],
    worlds: [{ directed: 'attempts fail one after the other' }],
    isQuick: false,
  },
  {
    name: 'the key of a request is ignored',
    guard: 'a repeated request gives the same session',
    edits: [
      {
        file: 'src/sessions/sessions.ts',
        find: 'const earlier =\n      creation.idempotency &&',
        replace: 'const earlier =\n      this.#parts.clock.now() < 0 && creation.idempotency &&',
      },
      {
        file: 'src/sessions/sessions.ts',
        find: '...(creation.idempotency\n        ? { idempotency',
        replace: '...(creation.idempotency && this.#parts.clock.now() < 0\n        ? { idempotency',
      },
    ],
    worlds: [{ directed: 'clients ask twice at once' }],
    isQuick: false,
  },
  {
    name: 'a key is free whatever became of its session',
    guard: 'only a refusal that left nothing lets a request be made anew',
    edits: [
      {
        file: 'src/domain/refused-launch.ts',
        find: 'return isRefused(session) && !hasOpenInstance(session);',
        replace: 'return session.instances.length > 0;',
      },
    ],
    worlds: [{ directed: 'clients ask twice at once' }],
    isQuick: false,
  },
  {
    name: 'an account without credit is asked for its other offers',
    guard: 'what rules out all offers of an account sends a session to another one',
    edits: [
      {
        file: 'src/domain/placement.ts',
        find: "      return offer.provider === tried.provider;\n    case 'unauthorized':",
        replace: "      return offer.provider === '';\n    case 'unauthorized':",
      },
    ],
    worlds: [{ directed: 'one marketplace has no credit' }],
    isQuick: false,
  },
  {
    name: 'versions are not compared',
    guard: 'a stale write changes nothing',
    edits: [
      {
        file: 'src/store/write-session.ts',
        find: ".where('version', '=', versionBefore)",
        replace: ".where('version', '<=', versionBefore + 1_000)",
      },
    ],
    worlds: [{ directed: 'two writers at once' }],
    isQuick: true,
  },
  {
    name: 'a change without its events',
    guard: 'each change and its events are written together',
    edits: [
      {
        file: 'src/store/sqlite-store.ts',
        find: '  await insertEvents(trx, events);\n  return ',
        replace: '  if (memory === undefined) await insertEvents(trx, events);\n  return ',
      },
    ],
    worlds: [{ directed: 'calm day' }],
    isQuick: false,
  },
  {
    name: 'what is gone counts as forgotten',
    guard: 'a late list that still shows a lost attempt holds up no new one',
    edits: [
      {
        file: 'src/sessions/step.ts',
        find: 'const known = [...ignored, ...gone];',
        replace: 'const known = ignored;',
      },
    ],
    worlds: [{ directed: 'an attempt is lost after a restart, and one API is listed no more' }],
    isQuick: false,
  },
  {
    name: 'what lives counts as known',
    guard: 'an attempt that a restored backup took back is not launched beside one that lives',
    edits: [
      {
        file: 'src/sessions/step.ts',
        find: ' && isFinalInstance(row.state)',
        replace: '',
      },
    ],
    worlds: [{ directed: 'a backup from before an attempt at the other marketplace is restored' }],
    isQuick: false,
  },
];
