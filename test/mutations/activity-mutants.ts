import type { Mutant } from './mutant.ts';

const JUDGE = 'src/domain/activity/judge.ts';
const RATES = 'src/domain/activity/rates.ts';
const IDLENESS = 'src/domain/idleness.ts';

/** Nobody is ended as idle who works. Held against the traces of machines. */
export const ACTIVITY_MUTANTS: readonly Mutant[] = [
  one('GPUs are not looked at', 'a busy GPU is work', {
    file: JUDGE,
    find: '...unreadable(after), ...busyGpus(after)]',
    replace: '...unreadable(after), ...busyGpus(after).slice(99)]',
  }),
  one('only the first GPU is looked at', 'one busy GPU of eight is enough', {
    file: JUDGE,
    find: 'return gpus.flatMap((one, gpu) => {\n    const { utilizationPercent: now',
    replace: 'return gpus.slice(0, 1).flatMap((one, gpu) => {\n    const { utilizationPercent: now',
  }),
  one('samples of the driver are not read', 'bursts between two looks are work', {
    file: JUDGE,
    find: 'now > IDLE_GPU_PERCENT || peak > IDLE_PEAK_PERCENT',
    replace: 'now > IDLE_GPU_PERCENT || peak > 100',
  }),
  one('CPUs are not looked at', 'work without a GPU is work', {
    file: JUDGE,
    find: "...above('cpu', rates.cpusBusy, idleCpus),",
    replace: "...above('cpu', rates.cpusBusy, idleCpus + 1_000),",
  }),
  one('CPUs are measured against all of them', 'one CPU of many is enough', {
    file: 'src/domain/activity/thresholds.ts',
    find: 'IDLE_SHARE_OF_CPUS = 0.001;',
    replace: 'IDLE_SHARE_OF_CPUS = 0.01;',
  }),
  one('traffic is not looked at', 'a download is work', {
    file: JUDGE,
    find: "...above('network', rates.networkBytesPerSecond, IDLE_NETWORK_BYTES_PER_SECOND),",
    replace: '',
  }),
  one('disks are not looked at', 'files that are copied are work', {
    file: JUDGE,
    find: "...above('disk', rates.diskBytesPerSecond, IDLE_DISK_BYTES_PER_SECOND),",
    replace: '',
  }),
  one('terminals are not looked at', 'somebody who types is there', {
    file: JUDGE,
    find: '    ...typing(before, after),\n',
    replace: '    ...typing(before, after).slice(9),\n',
  }),
  one('terminals that are open count', 'a tmux that is left open is no work', {
    file: JUDGE,
    find: 'value <= (at - before.at) / 1_000 + TYPING_GRAIN_SECONDS',
    replace: 'value < Number.POSITIVE_INFINITY',
  }),
  one('memory that is taken is not looked at', 'a model that is loaded is work that begins', {
    file: JUDGE,
    find: 'return first.flatMap((one, gpu) => memoryChange(one, second[gpu], gpu));',
    replace: 'return first.slice(99).flatMap((one, gpu) => memoryChange(one, second[gpu], gpu));',
  }),
  one('memory that is held counts', 'a notebook that holds memory is idle', {
    file: JUDGE,
    find: 'const value = Math.abs(second.memoryUsedMb - held);',
    replace: 'const value = second.memoryUsedMb;',
  }),
  one('what cannot be read is idle', 'unknown is active', {
    file: JUDGE,
    find: "if (!isKnown) return [{ reason: 'unreadable' }];",
    replace: 'if (!isKnown) return [];',
  }),
  one('counters that begin anew are compared', 'a reboot is activity', {
    file: RATES,
    find: 'Math.abs(byOurClock - seconds) > MAX_DRIFT_SECONDS || wentBack(first, second)',
    replace: 'Math.abs(byOurClock - seconds) < 0',
  }),
  one('a look that failed is idle', 'unknown is active', {
    file: 'src/sessions/activity-acts.ts',
    find: "const LOOK_FAILED: Finding = {\n  verdict: 'active',",
    replace: "const LOOK_FAILED: Finding = {\n  verdict: 'idle',",
  }),
  one('a look speaks for all that is behind it', 'an extension is a sign of use', {
    file: IDLENESS,
    find: 'isUnbroken && since >= lastActiveAt && since >= runningAt ? since : at',
    replace: 'isUnbroken ? since - 600_000 : at',
  }),
  one('nobody is warned in time', 'a grace lies between the warning and the end', {
    file: IDLENESS,
    find: 'idleEndsAt: Math.max(reachedAt, at + graceMs)',
    replace: 'idleEndsAt: Math.min(reachedAt, at)',
  }),
  one(
    'looks keep step with the minute',
    'what comes every minute does not fall between all looks',
    {
      file: 'src/domain/activity/look-times.ts',
      find: 'const VARYING_SHARE = 0.25;',
      replace: 'const VARYING_SHARE = 0;',
    },
  ),
];

function one(name: string, guard: string, edit: Mutant['edits'][number]): Mutant {
  return { name, guard, edits: [edit], worlds: [{ traces: 'activity' }], isQuick: false };
}
