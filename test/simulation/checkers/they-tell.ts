import type { BrokerEvent } from '../../../src/domain/events.ts';
import type { Checker } from './violation.ts';

/** For worlds in which something has to be noticed: each of these is told of. Fresh for each world, because it remembers. */
export function theyTell(...kinds: readonly BrokerEvent['kind'][]): Checker {
  const told = new Set<BrokerEvent['kind']>();
  return {
    name: 'what befalls machines is told',
    onEvent: (_evidence, { kind }) => {
      told.add(kind);
      return undefined;
    },
    onConverged: () =>
      kinds.filter((kind) => !told.has(kind)).map((kind) => `nobody told of ${kind}`),
  };
}
