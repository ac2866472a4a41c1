import type { WorkReading } from '../domain/machine-report.ts';
import { MARKS, sectionOf } from './report-sections.ts';

/**
 * A container is shown its host's /proc/stat and disks, with whatever the neighbours do; its control group counts its own. A
 * virtual machine's outermost group counts all of it. The second is the older form of groups, the last for kernels with neither.
 */
const COUNTERS =
  'cat /proc/uptime 2>/dev/null; cat /sys/fs/cgroup/cpu.stat 2>/dev/null; cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null; cat /proc/stat 2>/dev/null | head -n 1';

/** What stands at the beginning of a look, before the look itself has done anything. */
export const COMMANDS_BEFORE = [
  `echo ${MARKS.before}; ${COUNTERS}`,
  `echo ${MARKS.cpus}; nproc 2>/dev/null`,
  `echo ${MARKS.network}; cat /proc/net/dev 2>/dev/null`,
  `echo ${MARKS.groups}; cat /sys/fs/cgroup/io.stat 2>/dev/null; cat /sys/fs/cgroup/blkio/blkio.throttle.io_service_bytes 2>/dev/null`,
  `echo ${MARKS.disks}; cat /proc/diskstats 2>/dev/null`,
  // A terminal is read when somebody types at it, and nothing else: when that was is kept with it.
  `echo ${MARKS.terminals}; date +%s; find /dev/pts -name "[0-9]*" -exec stat -c %X "{}" + 2>/dev/null`,
];

/** And at its end, for the share of the look itself. */
export const COMMANDS_AFTER = [
  `echo ${MARKS.programs}; nvidia-smi --query-compute-apps=pid --format=csv,noheader 2>/dev/null && echo all`,
  `echo ${MARKS.after}; ${COUNTERS}`,
];

const MICROSECONDS = 1e6;
const NANOSECONDS = 1e9;
/** Of the kernel's clock, in which it tells of its CPUs to whoever asks. */
const TICKS_PER_SECOND = 100;
const SECTOR_BYTES = 512;
const MAX_CPUS = 10_000;

/** Undefined where the machine said nothing of it at all. */
export function readWork(lines: readonly string[]): WorkReading | undefined {
  const before = countersIn(sectionOf(lines, MARKS.before));
  const after = countersIn(sectionOf(lines, MARKS.after));
  if (before.uptimeSeconds === undefined && before.cpuBusySeconds === undefined) return undefined;
  return {
    uptimeSeconds: before.uptimeSeconds,
    cpuCount: cpusIn(sectionOf(lines, MARKS.cpus)),
    cpuBusySeconds: before.cpuBusySeconds,
    networkBytes: networkBytesIn(sectionOf(lines, MARKS.network)),
    diskBytes: diskBytesIn(lines, before.isOfGroup),
    ...terminalsIn(sectionOf(lines, MARKS.terminals)),
    gpuProcesses: programsIn(sectionOf(lines, MARKS.programs)),
    lookSeconds: growth(before.uptimeSeconds, after.uptimeSeconds),
    lookCpuSeconds: growth(before.cpuBusySeconds, after.cpuBusySeconds),
  };
}

interface Counters {
  readonly uptimeSeconds: number | undefined;
  readonly cpuBusySeconds: number | undefined;
  readonly isOfGroup: boolean;
}

function countersIn(lines: readonly string[]): Counters {
  const uptime = firstMatch(lines, /^(\d{1,12}(?:\.\d{1,6})?) \d{1,15}(?:\.\d{1,6})?$/);
  const unified = firstMatch(lines, /^usage_usec (\d{1,18})$/);
  const split = firstMatch(lines, /^(\d{1,20})$/);
  const ofGroup = unified === undefined ? over(split, NANOSECONDS) : over(unified, MICROSECONDS);
  return {
    uptimeSeconds: uptime,
    cpuBusySeconds: ofGroup ?? busySecondsIn(lines),
    isOfGroup: ofGroup !== undefined,
  };
}

/** `cpu  user nice system idle iowait irq softirq steal …`: what was neither idle, nor waiting, nor taken by others. */
function busySecondsIn(lines: readonly string[]): number | undefined {
  const row = lines.find((line) => /^cpu\s+(\d{1,18}(\s+|$)){7,10}$/.test(line));
  if (row === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = numbersIn(row);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

function cpusIn(lines: readonly string[]): number | undefined {
  const count = firstMatch(lines, /^(\d{1,5})$/);
  return count === undefined || count < 1 || count > MAX_CPUS ? undefined : count;
}

/** `eth0: received packets … sent packets …`: the first and the ninth figure; what goes round inside the machine is left out. */
function networkBytesIn(lines: readonly string[]): number | undefined {
  const rows = lines.flatMap((line) => {
    // Each figure stands behind a space: were the space optional, a long row of digits could be split in more ways than can be tried.
    const [, name, figures] =
      /^\s*([\w.@-]{1,40}):\s*(\d{1,18}(?:\s+\d{1,18}){15})\s*$/.exec(line) ?? [];
    return name === undefined || name === 'lo' || figures === undefined ? [] : [figures];
  });
  if (rows.length === 0) return undefined;
  return sum(rows.map((row) => numbersIn(row)).map((all) => (all[0] ?? 0) + (all[8] ?? 0)));
}

/** A group that has read and written nothing says nothing. The disks of a container are its host's. */
function diskBytesIn(lines: readonly string[], isOfGroup: boolean): number | undefined {
  const groups = sectionOf(lines, MARKS.groups);
  const unified = groups.flatMap(unifiedDiskBytes);
  if (unified.length > 0) return sum(unified);
  const split = groups.flatMap((line) => numberAfter(line, /^Total (\d{1,18})$/));
  if (split.length > 0) return sum(split);
  if (isOfGroup) return undefined;
  const disks = sectionOf(lines, MARKS.disks).flatMap(wholeDiskBytes);
  return disks.length > 0 ? sum(disks) : undefined;
}

/** `259:0 rbytes=1 wbytes=2 rios=3 …` */
function unifiedDiskBytes(line: string): readonly number[] {
  const [, read, written] =
    /^\d{1,6}:\d{1,6} rbytes=(\d{1,18}) wbytes=(\d{1,18})\b/.exec(line) ?? [];
  return read === undefined || written === undefined ? [] : [Number(read) + Number(written)];
}

const WHOLE_DISK = /^(?:[shv]d[a-z]{1,3}|xvd[a-z]{1,3}|nvme\d{1,4}n\d{1,4}|mmcblk\d{1,3})$/;

/** `259 0 nvme0n1 reads merged sectors ms writes merged sectors …`; a partition's bytes are its disk's. */
function wholeDiskBytes(line: string): readonly number[] {
  const [, , name = '', ...figures] = line.trim().split(/\s+/);
  if (!WHOLE_DISK.test(name) || !figures.every((one) => /^\d{1,18}$/.test(one))) return [];
  const read = figures[2];
  const written = figures[6];
  if (read === undefined || written === undefined) return [];
  return [(Number(read) + Number(written)) * SECTOR_BYTES];
}

/** The machine's own time, and of each open terminal when it was last read, by the same clock. */
function terminalsIn(lines: readonly string[]): Pick<WorkReading, 'logins' | 'inputSecondsAgo'> {
  const [now, ...readAt] = lines.flatMap((line) => numberAfter(line, /^(\d{9,12})$/));
  if (now === undefined) return { logins: undefined, inputSecondsAgo: undefined };
  const inputSecondsAgo = readAt.length === 0 ? undefined : Math.max(0, now - Math.max(...readAt));
  return { logins: readAt.length, inputSecondsAgo };
}

/** One number a program, and a last word that the list is whole. */
function programsIn(lines: readonly string[]): number | undefined {
  if (!lines.some((line) => line.trim() === 'all')) return undefined;
  return lines.filter((line) => /^\d{1,10}$/.test(line.trim())).length;
}

function firstMatch(lines: readonly string[], pattern: RegExp): number | undefined {
  return lines.flatMap((line) => numberAfter(line, pattern))[0];
}

function numberAfter(line: string, pattern: RegExp): readonly number[] {
  const figure = pattern.exec(line.trim())?.[1];
  return figure === undefined ? [] : [Number(figure)];
}

function numbersIn(row: string): readonly number[] {
  return (row.match(/(?<![\w.])\d{1,18}(?![\w.])/g) ?? []).map(Number);
}

function growth(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? undefined : Math.max(0, second - first);
}

function over(figure: number | undefined, unit: number): number | undefined {
  return figure === undefined ? undefined : figure / unit;
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
