import type { Mutant } from './mutant.ts';

/** Nothing foreign is touched, and nothing is given up or ended on a bad look. */
export const EVIDENCE_MUTANTS: readonly Mutant[] = [
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
    name: 'a tag that we would not have written is a tag',
    guard: 'a tag is matched to the letter',
    edits: [
      {
        file: 'src/domain/ids.ts',
        find: '-[1-9][0-9]{0,2}$/;',
        replace: '-[0-9]{1,3}$/;',
      },
    ],
    worlds: [{ directed: 'calm day' }],
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
    isQuick: false,
  },
  {
    name: 'lists prove a loss',
    guard: 'the provider is asked about the one instance before it is believed lost',
    edits: [
      {
        file: 'src/sessions/end-acts.ts',
        find: '    if (observation) {\n      site.watch.note(observation);\n      return;',
        replace:
          '    if (observation && clock.now() < 0) {\n      site.watch.note(observation);\n      return;',
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
        find: 'if (seenForMs < graceMs(instance, observation, policy)) return undefined;',
        replace:
          'if (seenForMs < Math.min(0, graceMs(instance, observation, policy))) return undefined;',
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
        find: 'earlierMs + seenForMs >= policy.orphanGraceMs &&',
        replace: 'earlierMs >= 0 &&',
      },
    ],
    worlds: [{ directed: 'orphans of this minute' }],
    isQuick: false,
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
        find: 'seenForMs >= policy.evidenceGapMs',
        replace: 'seenForMs >= 0',
      },
    ],
    worlds: [{ directed: 'orphans from before' }],
    isQuick: false,
  },
  {
    name: 'a sweep has no limit',
    guard: 'more orphans than the limit are reported and not ended',
    edits: [
      {
        file: 'src/domain/orphan.ts',
        find: 'const isOverLimit = count > policy.destroyLimitPerSweep;',
        replace: 'const isOverLimit = count < policy.destroyLimitPerSweep;',
      },
    ],
    worlds: [{ directed: 'more orphans than a sweep may end' }],
    isQuick: false,
  },
  {
    name: 'a server is ready when it is found',
    guard: 'a session of a server runs when its workload has answered',
    edits: [
      {
        file: 'src/sessions/service-acts.ts',
        find: "if (outcome.kind !== 'serving') return;\n  const httpStatus = outcome.status;",
        replace: "const httpStatus = 'status' in outcome ? outcome.status : 0;",
      },
    ],
    worlds: [{ directed: 'containers end at once' }],
    isQuick: false,
  },
  {
    name: 'a server that loads its model is ready',
    guard: 'an answer that says "not yet" is none',
    edits: [
      {
        file: 'src/sessions/service-acts.ts',
        find: "if (outcome.kind !== 'serving') return;\n  const httpStatus = outcome.status;",
        replace:
          "if (outcome.kind !== 'serving' && outcome.kind !== 'not_yet') return;\n  const httpStatus = outcome.status;",
      },
    ],
    worlds: [{ directed: 'models are never loaded' }],
    isQuick: false,
  },
];
