import type { WorldRef } from './world-ref.ts';

/** A change to the text of one file. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** One guard switched off. */
export interface Mutant {
  readonly name: string;
  /** What the guard is there for. */
  readonly guard: string;
  readonly edits: readonly Edit[];
  /** Where it has to show, tried in this order. */
  readonly worlds: readonly WorldRef[];
  /** Part of the small set that every change runs. */
  readonly isQuick: boolean;
}

/**
 * Every guard that stands between a bad day and somebody's money. What is not here, and why:
 *
 * - Rows read before the list instead of after it, in the watch or in the reconciler: a row that is a few seconds old
 *   leads at worst to one doubtful sighting, and nothing is done on one. The order is a belt beside the braces of the
 *   second sighting, the grace period and the direct look, each of which has a mutant.
 * - `sightings < 2` alone, in `isOrphan`: two lists that are `evidenceGapMs` apart are two sightings. The mutant takes
 *   both away.
 */
export const MUTANTS: readonly Mutant[] = [
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
    name: 'any deployment is ours',
    guard: 'the deployment in the tag is compared',
    edits: [
      {
        file: 'src/domain/ids.ts',
        find: 'return parts?.deploymentId === deploymentId ? parts : undefined;',
        replace: 'return deploymentId === undefined ? undefined : parts;',
      },
    ],
    worlds: [{ directed: 'a neighbour in the account' }],
    isQuick: true,
  },
  {
    name: 'a deployment that begins like ours is ours',
    guard: 'the deployment in the tag is compared whole',
    edits: [
      {
        file: 'src/domain/ids.ts',
        find: 'parts?.deploymentId === deploymentId',
        replace: 'parts?.deploymentId.startsWith(deploymentId)',
      },
    ],
    worlds: [{ directed: 'a neighbour in the account' }],
    isQuick: false,
  },
  {
    name: 'a tag with something after it is a tag',
    guard: 'a tag is matched to the letter, to its end',
    edits: [
      { file: 'src/domain/ids.ts', find: '-([1-9][0-9]{0,2})$/', replace: '-([1-9][0-9]{0,2})/' },
      {
        file: 'src/domain/ids.ts',
        find: 'return makeTag(parts) === text ? parts : undefined;',
        replace: 'return parts;',
      },
    ],
    worlds: [{ directed: 'calm day' }],
    isQuick: false,
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
    isQuick: true,
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
    worlds: [{ crash: { api: 'vastai', ask: 'create', crossings: 12 } }],
    isQuick: false,
  },
  {
    name: 'nothing is adopted',
    guard: 'an instance that is found by its tag is bound to its attempt',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "if (sighting?.kind === 'seen') {\n    return { kind: 'adopt'",
        replace: "if (sighting?.kind === 'seen' && view.now < 0) {\n    return { kind: 'adopt'",
      },
    ],
    worlds: [{ directed: 'answers get lost' }],
    isQuick: true,
  },
  {
    name: 'an unsettled launch is written off at once',
    guard: 'a launch of unknown outcome is given the time in which it may still appear',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'const settleBy = instance.settleBy ?? instance.intendedAt;',
        replace: 'const settleBy = instance.intendedAt;',
      },
      {
        file: 'src/sessions/watch.ts',
        find: '(settleBy ?? intendedAt) <= listedAt',
        replace: 'Math.min(settleBy ?? 0, intendedAt) <= listedAt',
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
        find: 'sighting.isProven && sighting.listedAt >= settleBy;',
        replace: 'sighting.listedAt >= settleBy;',
      },
    ],
    worlds: [{ directed: 'nobody lists a launch until it was given up' }],
    isQuick: false,
  },
  {
    name: 'one list proves a loss',
    guard: 'two complete lists, apart in time, have to lack an instance',
    edits: [
      {
        file: 'src/sessions/watch.ts',
        find: 'const isProven = gapMs >= this.#parts.policy.evidenceGapMs;',
        replace: 'const isProven = gapMs >= 0;',
      },
    ],
    worlds: [{ directed: 'the provider forgets one for a moment' }],
    isQuick: true,
  },
  {
    name: 'lists prove a loss',
    guard: 'the provider is asked about the one instance before it is believed lost',
    edits: [
      {
        file: 'src/sessions/end-acts.ts',
        find: 'const observation = await site.provider.get(id);\n    if (observation) {',
        replace:
          'const observation = await site.provider.get(id);\n    if (observation && clock.now() < 0) {',
      },
    ],
    worlds: [{ directed: 'lists are empty for a minute' }],
    isQuick: true,
  },
  {
    name: 'mass absence is believed',
    guard: 'when much is missing at once the list is doubted',
    edits: [
      {
        file: 'src/domain/reconciliation.ts',
        find: 'return missing >= 3 && missing * 2 >= expected;',
        replace: 'return missing > expected;',
      },
    ],
    worlds: [{ directed: 'the provider forgets everybody' }],
    isQuick: true,
  },
  {
    name: 'a blip is the end',
    guard: 'a running instance that is seen stopped is given time to come back',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'if (sighting.at - instance.troubledAt < policy.stoppedGraceMs) return undefined;',
        replace: 'if (policy.stoppedGraceMs < 0) return undefined;',
      },
    ],
    worlds: [{ directed: 'a host reboots' }],
    isQuick: false,
  },
  {
    name: 'orphans get no grace',
    guard: 'an instance that nobody wants is left alone for the grace period',
    edits: [
      {
        file: 'src/domain/reconciliation.ts',
        find: 'now - bornAt >= policy.orphanGraceMs &&',
        replace: 'now >= bornAt &&',
      },
    ],
    worlds: [{ directed: 'orphans of this minute' }],
    isQuick: true,
  },
  {
    name: 'one sighting makes an orphan',
    guard: 'two lists, apart in time, have to show an orphan',
    edits: [
      {
        file: 'src/domain/reconciliation.ts',
        find: 'suspicion.sightings < 2',
        replace: 'suspicion.sightings < 1',
      },
      {
        file: 'src/domain/reconciliation.ts',
        find: 'suspicion.lastSeenAt - suspicion.firstSeenAt >= policy.evidenceGapMs',
        replace: 'suspicion.lastSeenAt >= suspicion.firstSeenAt',
      },
    ],
    worlds: [{ directed: 'orphans from before' }],
    isQuick: true,
  },
  {
    name: 'a sweep has no limit',
    guard: 'more orphans than the limit are reported and not ended',
    edits: [
      {
        file: 'src/sessions/reconciler.ts',
        find: 'if (orphans.length > policy.destroyLimitPerSweep) {',
        replace: 'if (orphans.length < policy.destroyLimitPerSweep) {',
      },
    ],
    worlds: [{ directed: 'more orphans than a sweep may end' }],
    isQuick: false,
  },
  {
    name: 'the reconciler never acts',
    guard: 'what nobody wants is ended',
    edits: [
      {
        file: 'src/sessions/reconciler.ts',
        find: 'for (const orphan of orphans) await this.#end(orphan);',
        replace: '',
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
        file: 'src/sessions/reconciler.ts',
        find: 'await book.update(sessionId, transition);',
        replace: 'void transition;',
      },
    ],
    worlds: [{ directed: 'launches are delivered twice' }],
    isQuick: false,
  },
  {
    name: 'versions are not compared',
    guard: 'a stale write changes nothing',
    edits: [
      {
        file: 'src/store/write-session.ts',
        find: "    .where('version', '=', session.version)\n",
        replace: '',
      },
    ],
    worlds: [{ directed: 'two writers at once' }],
    isQuick: true,
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
    isQuick: true,
  },
  {
    name: 'an accepted delete is an end',
    guard: 'the provider is asked whether the instance is gone',
    edits: [
      {
        file: 'src/sessions/end-acts.ts',
        find: 'if (await site.provider.get(id)) return;',
        replace: '',
      },
    ],
    worlds: [{ directed: 'deletes do nothing' }],
    isQuick: true,
  },
  {
    name: 'stopped is said when the end was asked for',
    guard: 'a session ends after its instances',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: 'if (until !== undefined || hasOpenInstance(session)) return',
        replace: 'if (session.stopAskedAt === undefined && hasOpenInstance(session)) return',
      },
      {
        file: 'src/domain/lifecycle/ending.ts',
        find: '    if (hasOpenInstance(session)) return undefined;\n    return withStatus(',
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
    isQuick: true,
  },
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
    isQuick: true,
  },
  {
    name: 'running is charged from the look',
    guard: 'what is charged while running is booked from when it began to run',
    edits: [
      {
        file: 'src/domain/billing.ts',
        find: 'onlyWhileRunning && fact.runningSince !== undefined ? fact.runningSince : fact.at;',
        replace: 'onlyWhileRunning && fact.runningSince === undefined ? fact.at : fact.at;',
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
    name: 'what was found is not looked at',
    guard: 'what a found instance has already run up is booked',
    edits: [
      {
        file: 'src/domain/lifecycle/ending.ts',
        find: 'session: look?.session ?? found,',
        replace: 'session: look ? found : found,',
      },
    ],
    worlds: [{ directed: 'launches are delivered twice' }],
    isQuick: false,
  },
  {
    name: 'no login is tried',
    guard: 'a session runs after a login that worked',
    edits: [
      {
        file: 'src/sessions/bring-up-acts.ts',
        find: "if (proof.kind === 'proven') {\n    const login = { at, hostKey: proof.hostKey,",
        replace:
          "if (at > 0) {\n    const login = { at, hostKey: 'hostKey' in proof ? proof.hostKey : 'SHA256:none',",
      },
    ],
    worlds: [{ directed: 'calm day' }],
    isQuick: true,
  },
  {
    name: 'the key of a request is ignored',
    guard: 'a repeated request gives the same session',
    edits: [
      {
        file: 'src/sessions/sessions.ts',
        find: 'const earlier = creation.idempotency &&',
        replace: 'const earlier = clock.now() < 0 && creation.idempotency &&',
      },
      {
        file: 'src/sessions/sessions.ts',
        find: '...(creation.idempotency\n        ? { idempotency',
        replace: '...(creation.idempotency && clock.now() < 0\n        ? { idempotency',
      },
    ],
    worlds: [{ directed: 'a client asks again after a crash' }],
    isQuick: true,
  },
  {
    name: 'reservations have no end',
    guard: 'a session ends when its time is up',
    edits: [
      {
        file: 'src/domain/lifecycle/decide.ts',
        find: "return view.now >= session.expiresAt ? 'expired' : undefined;",
        replace: 'return undefined;',
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
        file: 'src/domain/lifecycle/decide.ts',
        find: 'if (view.now >= instance.readyBy) {',
        replace: 'if (view.now < 0) {',
      },
    ],
    worlds: [{ directed: 'all hosts are bad' }],
    isQuick: false,
  },
];
