import { cardsAt, driverAt } from './driver.ts';
import type { SimActivity, SimCounters, SimMachine, SimMs } from './model.ts';
import { countersAt } from './power-on.ts';
import type { InstanceRecord } from './world.ts';

/** For so long drivers keep their samples. */
const SAMPLED_MS = 14_000;

/** What there is to be found in a machine by whoever is logged in. */
export function machineOf(record: InstanceRecord, now: SimMs): SimMachine {
  const { view, hardware, work } = record;
  const bootedAt = work?.bootedAt ?? now;
  return {
    instance: view,
    now,
    bootedAt,
    gpu: hardware.gpu,
    gpuCount: cardsAt(record, now),
    driver: driverAt(record, now),
    cpus: Math.max(1, Math.round(view.vcpus || view.host.vcpus)),
    diskFreeBytes: hardware.diskFreeBytes,
    activity: work?.course.at(now).activity ?? AT_REST,
    activeSince: work?.course.at(now).from ?? now,
    lately: work?.course.busiest(now - SAMPLED_MS, now) ?? AT_REST,
    counters: work === null ? NOTHING : countersAt(work, now),
    slowMs: hardware.slowMs,
  };
}

/** Whether anything went on there between two moments, that its renter would miss; before its boot nothing did. */
export function hasWorkedWithin(
  { work }: InstanceRecord,
  { from, to }: { readonly from: SimMs; readonly to: SimMs },
): boolean {
  return work?.course.hasWorked(Math.max(from, work.since), to) ?? false;
}

const NOTHING: SimCounters = { cpuSeconds: 0, networkBytes: 0, diskBytes: 0 };

const AT_REST: SimActivity = {
  name: 'nothing',
  isWork: false,
  busyCpus: 0,
  networkBytesPerSecond: 0,
  diskBytesPerSecond: 0,
  busyGpus: 0,
  gpuUtilization: 0,
  gpuMemoryShare: 0,
  gpuProcesses: 0,
  terminals: 0,
  typesEvery: null,
};
