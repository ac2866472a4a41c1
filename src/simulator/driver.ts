import { defectOf } from './hardware.ts';
import type { DriverCourse } from './inner-life.ts';
import { DOCK_DRIVER, DRIVER_REBOOT } from './life-times.ts';
import type { DriverSource, SimDriver, SimMs } from './model.ts';
import type { InstanceRecord, World } from './world.ts';

/** Ubuntu 24.04 comes without any package of it, the other images with one that is half installed (facts §7). */
const BARE_IMAGES: ReadonlySet<string> = new Set(['ubuntu2404', 'Ubuntu 24.04 LTS']);

/**
 * What becomes of the driver from a machine's first boot at `at` on. Installing it waits for a lock and takes minutes, now
 * and then comes to nothing, and on some machines is of use only after a reboot, which is made where the boot's script
 * means to make one. Drawn aside, so that worlds from before there were drivers are what they were.
 */
export function driverCourse(world: World, record: InstanceRecord, at: SimMs): DriverCourse {
  const { source } = record;
  const before = BARE_IMAGES.has(record.view.image) ? 'missing' : 'broken';
  const never: DriverCourse = { before, worksFrom: null, reboot: null };
  if (defectOf(record.view.host) === 'no driver' || source === 'lacking') return never;
  const wholeFrom = at + (world.temper.drivers.cardLateMs ?? 0);
  if (source === 'ready') return { before, worksFrom: at, wholeFrom, reboot: null };
  return installed(world, record, { at, source, never });
}

function installed(
  world: World,
  record: InstanceRecord,
  { at, source, never }: { at: SimMs; source: DriverSource; never: DriverCourse },
): DriverCourse {
  const chance = record.chance.fork('driver');
  const { fails, wantsReboot } = world.temper.drivers;
  const takes = (low: number, high: number): number =>
    Math.round(chance.int(low, high) * world.temper.bootScale);
  const doneAt = at + takes(DOCK_DRIVER.low, DOCK_DRIVER.high);
  const backAt = doneAt + takes(DRIVER_REBOOT.low, DRIVER_REBOOT.high);
  if (chance.hit(fails)) return never;
  if (!chance.hit(wantsReboot)) return { ...never, worksFrom: doneAt };
  return source === 'installed with a reboot'
    ? { ...never, worksFrom: backAt, reboot: { at: doneAt, backAt } }
    : never;
}

/** What the driver lists. */
export function cardsAt({ driver, hardware }: InstanceRecord, now: SimMs): number {
  return hardware.gpuCount - (now < (driver?.wholeFrom ?? now) ? 1 : 0);
}

export function driverAt(record: InstanceRecord, now: SimMs): SimDriver {
  const { driver, hardware } = record;
  if (driver === null) return { kind: 'missing' };
  const { worksFrom, before } = driver;
  if (worksFrom === null || now < worksFrom) return { kind: before };
  return { kind: 'works', version: hardware.driverVersion, cuda: hardware.cuda };
}
