import type { GpuReport, MachineReport } from '../domain/machine-report.ts';
import { hasMark, MARKS, sectionOf } from './report-sections.ts';
import { COMMANDS_AFTER, COMMANDS_BEFORE, readWork } from './work-reading.ts';

const GPUS =
  'nvidia-smi --query-gpu=name,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw --format=csv,noheader,nounits 2>/dev/null';

/**
 * One line for any POSIX shell. The disk comes first, as a broken driver can keep `nvidia-smi` waiting. Versions are
 * taken from the banner: no query field tells CUDA's, and one field that a driver does not know fails the whole query.
 */
export const REPORT_COMMAND = [
  `echo ${MARKS.disk}; df -Pk / 2>/dev/null`,
  `echo ${MARKS.gpus}; ${GPUS}`,
  `echo ${MARKS.banner}; nvidia-smi 2>/dev/null`,
  // A machine without a driver has run the line as well as any: its status is that of the last command.
  `echo ${MARKS.end}`,
].join('; ');

/**
 * The same, and what goes on there. A GPU tells of the last fraction of a second only, but its driver takes samples by itself and
 * keeps those of some fifteen seconds: no look has to wait on the machine for them.
 */
export const LOOK_COMMAND = [
  ...COMMANDS_BEFORE,
  `echo ${MARKS.disk}; df -Pk / 2>/dev/null`,
  `echo ${MARKS.gpus}; ${GPUS}`,
  `echo ${MARKS.samples}; nvidia-smi -q -d UTILIZATION 2>/dev/null`,
  `echo ${MARKS.banner}; nvidia-smi 2>/dev/null`,
  ...COMMANDS_AFTER,
  `echo ${MARKS.end}`,
].join('; ');

/** More GPUs than any machine has: a host that says so is not believed beyond it. */
const MAX_GPUS = 64;
const MAX_NAME_LENGTH = 100;
/** Columns that follow the name. */
const FIGURES = 5;

/** Reads what either command printed, as far as it came. The text is a stranger's: nothing in it is taken for granted. */
export function readReport(output: string): MachineReport {
  const lines = output.split(/\r?\n/);
  const banner = sectionOf(lines, MARKS.banner).join('\n');
  const isCut = hasMark(output, MARKS.gpus) && !isPastGpus(output);
  return {
    gpus: gpusIn(lines),
    ...(isCut ? { isGpuListCut: true } : {}),
    // Drivers from 610 on say which half of the driver each version is of: the kernel's and the user's.
    driverVersion: versionIn(banner, /\b(?:Driver|KMD) Version\s*:\s*([\d.]+)/),
    cudaVersion: versionIn(banner, /\bCUDA (?:UMD )?Version\s*:\s*([\d.]+)/),
    diskFreeBytes: freeBytesIn(sectionOf(lines, MARKS.disk)),
    work: readWork(lines),
  };
}

/** Whether the machine has begun to run {@link REPORT_COMMAND}: then whatever keeps it waiting is its own. */
export function hasBegun(output: string): boolean {
  return hasMark(output, MARKS.disk);
}

/**
 * As {@link readReport}, for whoever decides by what is missing: undefined where the machine did not come to its GPUs, and no
 * GPUs where their list did not come to its end.
 */
export function readWholeReport(output: string): MachineReport | undefined {
  if (!hasMark(output, MARKS.gpus)) return undefined;
  const report = readReport(output);
  return isPastGpus(output) ? report : { ...report, gpus: undefined };
}

function isPastGpus(output: string): boolean {
  return hasMark(output, MARKS.samples) || hasMark(output, MARKS.banner);
}

function gpusIn(lines: readonly string[]): readonly GpuReport[] | undefined {
  const gpus = sectionOf(lines, MARKS.gpus).flatMap(gpuIn).slice(0, MAX_GPUS);
  const peaks = peaksIn(sectionOf(lines, MARKS.samples));
  const withPeaks = gpus.map((gpu, index) => {
    const peakPercent = peaks[index];
    return peakPercent === undefined ? gpu : { ...gpu, peakPercent };
  });
  return gpus.length > 0 ? withPeaks : undefined;
}

/** Of `-q -d UTILIZATION`, in the driver's order: `GPU 00000000:01:00.0`, `GPU Utilization Samples`, `Max : 4 %`. */
function peaksIn(lines: readonly string[]): readonly (number | undefined)[] {
  const peaks: (number | undefined)[] = [];
  let isOfGpu = false;
  for (const line of lines) {
    const text = line.trim();
    if (/^GPU [0-9A-Fa-f]{4,8}:/.test(text)) peaks.push(undefined);
    if (/^[\w ]{1,40} Samples$/.test(text)) isOfGpu = text === 'GPU Utilization Samples';
    const peak = /^Max\s{1,60}: (\d{1,3}) %$/.exec(text)?.[1];
    if (isOfGpu && peak !== undefined && peaks.length > 0) peaks[peaks.length - 1] = Number(peak);
  }
  return peaks;
}

/** `NVIDIA A100-SXM4-80GB, 81920, 3, [N/A], 34, 61.20`; anything else is no GPU. */
function gpuIn(line: string): readonly GpuReport[] {
  const columns = line.split(',').map((column) => column.trim());
  const name = columns.slice(0, -FIGURES).join(', ');
  const figures = columns.slice(-FIGURES);
  const isRow = /^[ -~]+$/.test(name) && name.length <= MAX_NAME_LENGTH && figures.every(isFigure);
  if (!isRow || columns.length <= FIGURES) return [];
  const [memoryTotalMb, memoryUsedMb, utilizationPercent, ...others] = figures.map(figureOf);
  const [temperatureC, powerW] = others;
  return [{ name, memoryTotalMb, memoryUsedMb, utilizationPercent, temperatureC, powerW }];
}

/** A number, or what the driver prints in place of one: `[N/A]`, `N/A`, `[Not Supported]`, `[Unknown Error]`, `ERR!`. */
function isFigure(column: string): boolean {
  return figureOf(column) !== undefined || /^(\[[\w /!.'-]{1,60}\]|N\/A|ERR!)$/.test(column);
}

function figureOf(column: string): number | undefined {
  return /^\d{1,9}(\.\d{1,6})?$/.test(column) ? Math.round(Number(column)) : undefined;
}

function versionIn(banner: string, pattern: RegExp): string | undefined {
  const version = pattern.exec(banner)?.[1];
  return version !== undefined && /^\d{1,5}(\.\d{1,5}){1,3}$/.test(version) ? version : undefined;
}

/** Of `df -Pk`: the fourth column, in blocks of 1,024 bytes. A file system's name may hold spaces; what follows may not. */
function freeBytesIn(lines: readonly string[]): number | undefined {
  const rows = lines.map((line) =>
    /\s(\d+)\s+(\d+)\s+(\d{1,12})\s+\d+%\s+\/$/.exec(line.trimEnd()),
  );
  const free = rows.find((row) => row !== null)?.[3];
  return free === undefined ? undefined : Number(free) * 1024;
}
