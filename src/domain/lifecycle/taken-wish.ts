import { accrue, type BillingRule } from '../billing.ts';
import type { EpochMs } from '../time.ts';
import { type Transition, withInstance } from './change.ts';

/** The provider has said yes to a stop or a start. */
export interface TakenWish {
  readonly phase: 'stopping' | 'starting';
  readonly at: EpochMs;
  readonly rule: BillingRule;
}

/**
 * Where it is with the wish that a provider's meter changes, the ledger does so at once, and not at the next look. Should the
 * machine do something else, the next look says so, and it is charged for that without a gap.
 */
export function recordTakenWish(position: number, { phase, at, rule }: TakenWish): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (!instance || instance.firstSeenAt === undefined) return undefined;
    const { price, costs: before } = instance;
    const costs = accrue(before, rule, { at, phase, price, isFirstLook: false });
    const isSame =
      costs.length === before.length && costs.every((line, index) => line === before[index]);
    if (isSame) return undefined;
    return { session: withInstance(session, position, { ...instance, costs }), events: [] };
  };
}
