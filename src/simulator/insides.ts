import type { MishapKind, PastMishap } from './inner-life.ts';
import { hasWorkedWithin, machineOf } from './machine.ts';
import { suffer } from './mishaps.ts';
import type { SimMachine, SimMs, WorkNature } from './model.ts';
import { changeUse } from './power-on.ts';
import type { InstanceRecord, World } from './world.ts';

/** What goes on inside machines, and what can be done to them there. */
export interface Insides {
  /** What somebody who is logged in finds there now; undefined of what is gone, or never was. */
  machine(id: string): SimMachine | undefined;
  /** Whether anything went on there between two moments, that its renter would miss. */
  hasWorked(id: string, from: SimMs, to: SimMs): boolean;
  /** Its renter does something else from now on. False when unknown or gone. */
  use(id: string, nature: WorkNature): boolean;
  /** Lets something happen to a machine that runs. False when unknown or gone. */
  befall(id: string, kind: MishapKind, lastsMs: number): boolean;
  /** All that has happened so, in order of time. */
  mishaps(): readonly PastMishap[];
}

export function insides(world: World): Insides {
  const living = (id: string): InstanceRecord | undefined => {
    world.agenda.runDue();
    const record = world.records.get(id);
    return record?.view.state === 'gone' ? undefined : record;
  };
  const withLiving = (id: string, act: (record: InstanceRecord, at: SimMs) => void): boolean => {
    const record = living(id);
    if (record) act(record, world.clock.now());
    return record !== undefined;
  };
  return {
    machine(id) {
      const record = living(id);
      return record && machineOf(record, world.clock.now());
    },
    hasWorked(id, from, to) {
      const record = living(id);
      return record !== undefined && hasWorkedWithin(record, { from, to });
    },
    use: (id, nature) => withLiving(id, (record, at) => changeUse(record, nature, at)),
    befall: (id, kind, lastsMs) =>
      withLiving(id, (record, at) => suffer(world, record, { kind, at, until: at + lastsMs })),
    mishaps() {
      world.agenda.runDue();
      return world.mishaps;
    },
  };
}
