import { accrue, type BillingRule } from '../billing.ts';
import type { EpochMs } from '../time.ts';
import { type Transition, withInstance } from './change.ts';

/**
 * The provider has taken our wish that the machine stop: where that is when its meter changes, it is charged so from here on.
 * Should it run on all the same, the next look says so, and it is charged for that without a gap.
 */
export function recordHalt(
  position: number,
  { at, rule }: { readonly at: EpochMs; readonly rule: BillingRule },
): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (!instance || instance.firstSeenAt === undefined) return undefined;
    const { price } = instance;
    const fact = { at, phase: 'stopping' as const, price, isFirstLook: false };
    const costs = accrue(instance.costs, rule, fact);
    if (costs === instance.costs) return undefined;
    return { session: withInstance(session, position, { ...instance, costs }), events: [] };
  };
}
