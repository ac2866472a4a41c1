import { driverCourse } from './driver.ts';
import type { SimCounters, SimMs, WorkNature } from './model.ts';
import { type WorkCourse, workCourse } from './work.ts';
import { type InstanceRecord, plan, type Work, type World } from './world.ts';

/** Packages of a fresh virtual machine are brought up to date for 2 to 5 min (TensorDock facts §7). */
const FIRST_BOOT_SECONDS = [120, 300] as const;
const BOOT_SECONDS = [15, 40] as const;
const NOTHING_YET: SimCounters = { cpuSeconds: 0, networkBytes: 0, diskBytes: 0 };

/** What begins inside a machine with each of its boots. */
export function powerOn(world: World, record: InstanceRecord, at: SimMs): void {
  const isFirst = record.driver === null;
  record.driver ??= driverCourse(world, record, at);
  const isFresh = isFirst && record.view.market === 'tensordock';
  beginWork(record, { at, boots: isFresh ? FIRST_BOOT_SECONDS : BOOT_SECONDS });
  const { reboot } = record.driver;
  if (isFirst && reboot !== null)
    plan(world, record, { at: reboot.at, act: () => goDown(world, record) });
}

/** The system goes down and comes up again; for the marketplace it runs all the while. */
function goDown(world: World, record: InstanceRecord): void {
  const backAt = record.driver?.reboot?.backAt;
  if (backAt === undefined) return;
  world.plane.hangUp(record.view.id);
  record.sshUpAt = backAt;
  beginWork(record, { at: backAt, boots: BOOT_SECONDS });
}

function beginWork(
  record: InstanceRecord,
  { at, boots }: { readonly at: SimMs; readonly boots: readonly [number, number] },
): void {
  record.work = {
    bootedAt: at,
    since: at,
    before: NOTHING_YET,
    course: courseFrom(record, at, boots),
  };
}

/** Its renter does something else with it from now on; what its counters say stays. */
export function changeUse(record: InstanceRecord, nature: WorkNature, at: SimMs): void {
  record.uses = nature;
  if (record.work === null || record.work.bootedAt > at) return;
  const before = countersAt(record.work, at);
  record.work = { ...record.work, since: at, before, course: courseFrom(record, at, [0, 0]) };
}

export function countersAt({ course, since, before }: Work, now: SimMs): SimCounters {
  const more = course.sum(since, now);
  return {
    cpuSeconds: before.cpuSeconds + more.cpuSeconds,
    networkBytes: before.networkBytes + more.networkBytes,
    diskBytes: before.diskBytes + more.diskBytes,
  };
}

function courseFrom(
  record: InstanceRecord,
  at: SimMs,
  boots: readonly [number, number],
): WorkCourse {
  return workCourse({
    nature: record.uses,
    bootedAt: at,
    boots,
    gpuCount: record.view.gpuCount,
    chance: record.chance.fork(`work ${at}`),
  });
}
