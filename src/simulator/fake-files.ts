import type { SimMachine, SimMs } from './model.ts';

/**
 * What Linux tells of itself in files, as far as anybody asks: a virtual machine tells of itself; of a container's files some are
 * its own (its network, its control group) and some its host's, with everything that the neighbours do.
 */
export function fileAt(machine: SimMachine, path: string): string | undefined {
  return FILES.get(path)?.(machine);
}

/** The names in a directory; undefined where there is none such. */
export function entriesOf(machine: SimMachine, path: string): readonly string[] | undefined {
  const folder = path.replace(/\/+$/, '');
  if (folder === '/dev/pts') return [...terminalsOf(machine), 'ptmx'];
  const names = [...FILES.keys()]
    .filter((file) => file.startsWith(`${folder}/`) && fileAt(machine, file) !== undefined)
    .map((file) => file.slice(folder.length + 1).split('/')[0] ?? '');
  return names.length === 0 ? undefined : [...new Set(names)].sort();
}

/** One for each terminal with somebody at it. */
export function terminalsOf({ activity }: SimMachine): readonly string[] {
  return Array.from({ length: activity.terminals }, (_, index) => String(index));
}

/** When something was last typed at its terminals. */
export function typedAt({ activity: { typesEvery }, activeSince, now }: SimMachine): SimMs {
  if (typesEvery === null) return activeSince;
  return now - ((now - activeSince) % (typesEvery * 1_000));
}

type Read = (machine: SimMachine) => string | undefined;

const FILES: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['/proc/uptime', uptime],
  ['/proc/stat', stat],
  ['/proc/loadavg', loadavg],
  ['/proc/net/dev', netDev],
  ['/proc/diskstats', diskstats],
  ['/sys/fs/cgroup/cgroup.controllers', (one) => ifUnified(one, 'cpuset cpu io memory pids\n')],
  ['/sys/fs/cgroup/cpu.stat', (one) => ifUnified(one, cpuStat(one))],
  ['/sys/fs/cgroup/cpu.max', (one) => (isContainer(one) ? ifUnified(one, cpuMax(one)) : undefined)],
  ['/sys/fs/cgroup/io.stat', (one) => ifUnified(one, ioStat(one))],
  ['/sys/fs/cgroup/cpuacct/cpuacct.usage', (one) => ifSplit(one, cpuUsage(one))],
  ['/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage', (one) => ifSplit(one, cpuUsage(one))],
  ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', (one) => ifSplit(one, `${one.cpus * PERIOD_US}\n`)],
  ['/sys/fs/cgroup/cpu/cpu.cfs_period_us', (one) => ifSplit(one, `${PERIOD_US}\n`)],
  ['/sys/fs/cgroup/blkio/blkio.throttle.io_service_bytes', (one) => ifSplit(one, ioBytes(one))],
]);

const HOUR_MS = 3_600_000;
const PERIOD_US = 100_000;
const TICKS_PER_SECOND = 100;
const SECTOR_BYTES = 512;

/** A marketplace of containers, and one of virtual machines. */
function isContainer({ instance }: SimMachine): boolean {
  return instance.market === 'vastai';
}

/** Hosts with the older form of control groups are still about. */
function isUnified({ instance }: SimMachine): boolean {
  return instance.market !== 'vastai' || instance.host.machineId % 3 !== 0;
}

function ifUnified(machine: SimMachine, text: string): string | undefined {
  return isUnified(machine) ? text : undefined;
}

function ifSplit(machine: SimMachine, text: string): string | undefined {
  return isUnified(machine) ? undefined : text;
}

/** What it counts from: its own boot, or that of the host, which knows nothing of a container's. */
export function kernelUpSeconds(machine: SimMachine): number {
  const { instance, bootedAt, now } = machine;
  if (!isContainer(machine)) return Math.max(0, now - bootedAt) / 1_000;
  const hostUpAt = instance.createdAt - ((instance.host.machineId % 500) + 1) * HOUR_MS;
  return (now - hostUpAt) / 1_000;
}

function uptime(machine: SimMachine): string {
  const seconds = kernelUpSeconds(machine);
  return `${seconds.toFixed(2)} ${(seconds * kernelCpus(machine) * 0.8).toFixed(2)}\n`;
}

function kernelCpus(machine: SimMachine): number {
  return isContainer(machine) ? machine.instance.host.vcpus : machine.cpus;
}

/** A container's host is busy with others too: a fifth of what is not ours. */
function kernelBusySeconds(machine: SimMachine): number {
  const own = machine.counters.cpuSeconds;
  if (!isContainer(machine)) return own;
  const others = Math.max(0, kernelCpus(machine) - machine.cpus) + 1;
  return own + kernelUpSeconds(machine) * others * 0.2;
}

function stat(machine: SimMachine): string {
  const cpus = kernelCpus(machine);
  const busy = Math.round(kernelBusySeconds(machine) * TICKS_PER_SECOND);
  const all = Math.round(kernelUpSeconds(machine) * TICKS_PER_SECOND * cpus);
  const line = (name: string, share: number): string => {
    const user = Math.floor((busy * 0.9) / share);
    const system = Math.floor(busy / share) - user;
    const idle = Math.max(0, Math.floor((all - busy) / share));
    return `${name} ${user} 0 ${system} ${idle} ${Math.floor(idle / 200)} 0 0 0 0 0`;
  };
  const each = Array.from({ length: cpus }, (_, index) => line(`cpu${index}`, cpus));
  const bootedAt = Math.floor(machine.now / 1_000 - kernelUpSeconds(machine));
  return [line('cpu ', 1), ...each, 'intr 0', 'ctxt 123456', `btime ${bootedAt}`, ''].join('\n');
}

function loadavg({ activity }: SimMachine): string {
  const load = activity.busyCpus.toFixed(2);
  return `${load} ${load} ${load} 1/312 4021\n`;
}

/** A container has a network of its own; what goes round inside the machine is no traffic. */
function netDev(machine: SimMachine): string {
  const bytes = Math.round(machine.counters.networkBytes);
  const received = Math.round(bytes * 0.9);
  const inside = Math.round(bytes / 2) + 50_000;
  return [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    netLine('lo', inside, inside),
    netLine('eth0', received, bytes - received),
    '',
  ].join('\n');
}

function netLine(name: string, received: number, sent: number): string {
  const rest = (bytes: number): string => `${bytes} ${Math.ceil(bytes / 1_200)} 0 0 0 0 0 0`;
  return `${name.padStart(6)}: ${rest(received)} ${rest(sent)}`;
}

/** The whole disk and its partition count the same bytes; a container sees its host's disk. */
function diskstats(machine: SimMachine): string {
  const others = isContainer(machine) ? kernelUpSeconds(machine) * 3_000_000 : 0;
  const sectors = Math.round((machine.counters.diskBytes + others) / SECTOR_BYTES);
  const read = Math.round(sectors * 0.3);
  const line = (numbers: string, name: string): string =>
    ` ${numbers} ${name} ${Math.ceil(read / 64)} 0 ${read} 100 ${Math.ceil((sectors - read) / 64)} 0 ${sectors - read} 200 0 300 300 0 0 0 0 0 0`;
  return [
    '   7       0 loop0 48 0 2180 20 0 0 0 0 0 32 20 0 0 0 0 0 0',
    line('252       0', 'vda'),
    line('252       1', 'vda1'),
    '',
  ].join('\n');
}

function cpuStat({ counters }: SimMachine): string {
  const used = Math.round(counters.cpuSeconds * 1_000_000);
  const user = Math.round(used * 0.9);
  return `usage_usec ${used}\nuser_usec ${user}\nsystem_usec ${used - user}\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n`;
}

function cpuMax({ cpus }: SimMachine): string {
  return `${cpus * PERIOD_US} ${PERIOD_US}\n`;
}

function ioStat({ counters }: SimMachine): string {
  const read = Math.round(counters.diskBytes * 0.3);
  const written = Math.round(counters.diskBytes) - read;
  return `252:0 rbytes=${read} wbytes=${written} rios=${Math.ceil(read / 4_096)} wios=${Math.ceil(written / 4_096)} dbytes=0 dios=0\n`;
}

function cpuUsage({ counters }: SimMachine): string {
  return `${Math.round(counters.cpuSeconds * 1_000_000_000)}\n`;
}

function ioBytes({ counters }: SimMachine): string {
  const read = Math.round(counters.diskBytes * 0.3);
  const written = Math.round(counters.diskBytes) - read;
  const total = read + written;
  return `252:0 Read ${read}\n252:0 Write ${written}\n252:0 Sync 0\n252:0 Async ${total}\n252:0 Total ${total}\nTotal ${total}\n`;
}
