import type { MishapKind } from './inner-life.ts';
import type { SimMs } from './model.ts';
import { amend, type InstanceRecord, remeter, type World } from './world.ts';

/** From a stream of its own for each kind, because worlds without them are to stay what they were. */
export function planMishaps(world: World, record: InstanceRecord, at: SimMs): void {
  const { runningSince, market } = record.view;
  for (const { kind, share, afterMs, lastMs } of world.temper.mishaps) {
    const chance = record.chance.fork(`${kind} ${at}`);
    const dueAt = at + chance.int(afterMs.low, afterMs.high);
    const lasts = chance.int(lastMs.low, lastMs.high);
    if (!chance.hit(share) || (kind === 'keys lost' && market !== 'vastai')) continue;
    world.agenda.enter(dueAt, (due) => {
      const isOver = world.temper.mishaps.length === 0;
      if (!isOver && record.view.runningSince === runningSince) {
        suffer(world, record, { kind, at: due, until: due + lasts });
      }
    });
  }
}

export interface Suffering {
  readonly kind: MishapKind;
  readonly at: SimMs;
  readonly until: SimMs;
}

export function suffer(world: World, record: InstanceRecord, suffering: Suffering): void {
  const { kind, at, until } = suffering;
  if (record.view.state !== 'running') return;
  world.mishaps.push({ kind, id: record.view.id, at, until });
  switch (kind) {
    case 'keys lost':
      record.keys.length = 0;
      return;
    case 'reinstalled':
      world.plane.hangUp(record.view.id);
      record.keys.length = 0;
      record.hostKey = world.plane.rekey(record.view.id);
      return;
    case 'another machine':
      world.plane.hangUp(record.view.id);
      record.isStranger = true;
      record.hostKey = world.plane.rekey(record.view.id);
      return;
    case 'logins stall':
      record.stallsUntil = until;
      return;
    case 'offline':
      goOffline(world, record, { at, until });
  }
}

/** Nothing that runs there runs up cost on Vast.ai meanwhile; at TensorDock nobody knows (facts §13.4, §11). */
function goOffline(
  world: World,
  record: InstanceRecord,
  { at, until }: { readonly at: SimMs; readonly until: SimMs },
): void {
  world.plane.hangUp(record.view.id);
  amend(record, { offlineSince: at });
  remeter(record, at);
  if (!Number.isFinite(until)) return;
  world.agenda.enter(until, (due) => comeBack(record, { at: due, since: at }));
}

function comeBack(
  record: InstanceRecord,
  { at, since }: { readonly at: SimMs; readonly since: SimMs },
): void {
  if (record.view.offlineSince !== since || record.view.state === 'gone') return;
  amend(record, { offlineSince: null });
  remeter(record, at);
}
