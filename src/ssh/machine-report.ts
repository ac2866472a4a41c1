import type { GpuReport, MachineReport } from '../domain/machine-report.ts';

/** Stands before what each command says, so that a greeting or one command's complaint is not read as another's answer. */
const MARKS = {
  disk: 'gpu-broker:disk',
  gpus: 'gpu-broker:gpus',
  banner: 'gpu-broker:banner',
  end: 'gpu-broker:end',
};

/**
 * One line for any POSIX shell. The disk comes first, as a broken driver can keep `nvidia-smi` waiting. Versions are
 * taken from the banner: no query field tells CUDA's, and one field that a driver does not know fails the whole query.
 */
export const REPORT_COMMAND = [
  `echo ${MARKS.disk}; df -Pk / 2>/dev/null`,
  `echo ${MARKS.gpus}; nvidia-smi --query-gpu=name,memory.total,memory.used,utilization.gpu,temperature.gpu --format=csv,noheader,nounits 2>/dev/null`,
  `echo ${MARKS.banner}; nvidia-smi 2>/dev/null`,
  // A machine without a driver has run the line as well as any: its status is that of the last command.
  `echo ${MARKS.end}`,
].join('; ');

/** More GPUs than any machine has: a host that says so is not believed beyond it. */
const MAX_GPUS = 64;
const MAX_NAME_LENGTH = 100;
/** Columns that follow the name. */
const FIGURES = 4;

/** Reads what {@link REPORT_COMMAND} printed, as far as it came. The text is a stranger's: nothing in it is taken for granted. */
export function readReport(output: string): MachineReport {
  const lines = output.split(/\r?\n/);
  const banner = sectionOf(lines, MARKS.banner).join('\n');
  return {
    gpus: gpusIn(sectionOf(lines, MARKS.gpus)),
    // Drivers from 610 on say which half of the driver each version is of: the kernel's and the user's.
    driverVersion: versionIn(banner, /\b(?:Driver|KMD) Version\s*:\s*([\d.]+)/),
    cudaVersion: versionIn(banner, /\bCUDA (?:UMD )?Version\s*:\s*([\d.]+)/),
    diskFreeBytes: freeBytesIn(sectionOf(lines, MARKS.disk)),
    work: undefined,
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
  return hasMark(output, MARKS.banner) ? report : { ...report, gpus: undefined };
}

function hasMark(output: string, mark: string): boolean {
  return output.split(/\r?\n/).some((line) => line.trim() === mark);
}

/** The lines after a mark, up to the next one. */
function sectionOf(lines: readonly string[], mark: string): readonly string[] {
  const start = lines.findIndex((line) => line.trim() === mark);
  if (start === -1) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => Object.values(MARKS).includes(line.trim()));
  return end === -1 ? rest : rest.slice(0, end);
}

function gpusIn(lines: readonly string[]): readonly GpuReport[] | undefined {
  const gpus = lines.flatMap(gpuIn).slice(0, MAX_GPUS);
  return gpus.length > 0 ? gpus : undefined;
}

/** `NVIDIA A100-SXM4-80GB, 81920, 3, [N/A], 34`; anything else is no GPU. */
function gpuIn(line: string): readonly GpuReport[] {
  const columns = line.split(',').map((column) => column.trim());
  const name = columns.slice(0, -FIGURES).join(', ');
  const figures = columns.slice(-FIGURES);
  const isRow = /^[ -~]+$/.test(name) && name.length <= MAX_NAME_LENGTH && figures.every(isFigure);
  if (!isRow || columns.length <= FIGURES) return [];
  const [memoryTotalMb, memoryUsedMb, utilizationPercent, temperatureC] = figures.map(figureOf);
  return [
    { name, memoryTotalMb, memoryUsedMb, utilizationPercent, temperatureC, powerW: undefined },
  ];
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
