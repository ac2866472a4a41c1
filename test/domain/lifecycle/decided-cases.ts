import { expect } from 'vitest';
import type { Instance } from '../../../src/domain/instance.ts';
import { type Decision, decide } from '../../../src/domain/lifecycle/decide.ts';
import type { Case } from './decide-space.ts';

/** A case, what is decided in it, and the session's first instance, which it is about. */
export interface Decided extends Case {
  readonly decision: Decision;
  readonly instance: Instance;
}

/** What is decided in each case, and the first case in which a promise about it is broken. */
export function decidedIn(cases: Iterable<Case>) {
  const all: readonly Decided[] = [...cases].flatMap((one) => {
    const [instance] = one.session.instances;
    return instance ? [{ ...one, instance, decision: decide(one.session, one.view) }] : [];
  });
  /** The first case of those that `applies` to in which the promise is broken, for the failure's message. */
  const broken = (
    applies: (one: Decided) => boolean,
    holds: (one: Decided) => boolean,
  ): Decided | undefined => {
    const bound = all.filter(applies);
    expect(bound.length, 'cases to which the promise applies').toBeGreaterThan(0);
    return bound.find((one) => !holds(one));
  };
  return { all, broken };
}

export function decided(...kinds: readonly Decision['kind'][]): (one: Decided) => boolean {
  return ({ decision }) => kinds.includes(decision.kind);
}

export function inState(...states: readonly Instance['state'][]): (one: Decided) => boolean {
  return ({ instance }) => states.includes(instance.state);
}
