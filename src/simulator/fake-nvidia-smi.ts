import type { SimDriver, SimMachine } from './model.ts';

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A machine whose driver answers. */
interface Driven {
  readonly machine: SimMachine;
  readonly driver: Extract<SimDriver, { readonly kind: 'works' }>;
}

interface Field {
  readonly unit: string;
  readonly read: (driven: Driven, index: number) => string | number;
}

/** What an idle card's driver holds for itself. */
const IDLE_MIB = 3;

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['index', { unit: '', read: (_, index) => index }],
  ['name', { unit: '', read: ({ machine }) => machine.gpu.smiName }],
  ['gpu_name', { unit: '', read: ({ machine }) => machine.gpu.smiName }],
  ['count', { unit: '', read: ({ machine }) => machine.gpuCount }],
  ['uuid', { unit: '', read: gpuUuid }],
  ['gpu_uuid', { unit: '', read: gpuUuid }],
  ['pstate', { unit: '', read: (driven, index) => (usedPercent(driven, index) > 0 ? 'P0' : 'P8') }],
  ['memory.total', { unit: 'MiB', read: ({ machine }) => machine.gpu.vramMb }],
  ['memory.used', { unit: 'MiB', read: usedMib }],
  [
    'memory.free',
    { unit: 'MiB', read: (driven, index) => driven.machine.gpu.vramMb - usedMib(driven, index) },
  ],
  ['utilization.gpu', { unit: '%', read: usedPercent }],
  [
    'utilization.memory',
    { unit: '%', read: (driven, index) => Math.floor(usedPercent(driven, index) / 2) },
  ],
  ['temperature.gpu', { unit: '', read: celsius }],
  ['power.draw', { unit: 'W', read: watts }],
  ['power.limit', { unit: 'W', read: () => '450.00' }],
  ['driver_version', { unit: '', read: ({ driver }) => driver.version }],
  ['compute_cap', { unit: '', read: ({ machine }) => (machine.gpu.computeCap / 100).toFixed(1) }],
]);

/**
 * `-L`, `--query-gpu=…` and `--query-compute-apps=… --format=csv[,noheader][,nounits]`, or the table that people look at. Without
 * a driver that answers it says what the real one says.
 */
export function nvidiaSmi(args: readonly string[], machine: SimMachine): Output {
  const { driver } = machine;
  if (driver.kind !== 'works') return fails(NO_DRIVER, 9);
  if (machine.gpuCount === 0) return fails('No devices were found', 6);
  const driven = { machine, driver };
  if (args.includes('-L') || args.includes('--list-gpus')) return says(listGpus(driven));
  if (args.includes('-q')) return says(details(driven));
  const format = (optionOf(args, '--format') ?? 'csv').split(',');
  const apps = optionOf(args, '--query-compute-apps');
  if (apps !== undefined) return queryApps(driven, { names: apps.split(','), format });
  const query = optionOf(args, '--query-gpu');
  if (query === undefined) return says(table(driven));
  return queryGpus(driven, { names: query.split(','), format });
}

const NO_DRIVER =
  "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n";

interface Query {
  readonly names: readonly string[];
  readonly format: readonly string[];
}

function queryGpus(driven: Driven, { names, format }: Query): Output {
  const fields: { readonly name: string; readonly field: Field }[] = [];
  for (const name of names.map((one) => one.trim())) {
    const field = FIELDS.get(name);
    if (!field) return complains(`Field "${name}" is not a valid field to query.`);
    fields.push({ name, field });
  }
  const showsUnits = !format.includes('nounits');
  const rows = gpuIndexes(driven).map((index) =>
    fields.map(({ field }) => withUnit(field, field.read(driven, index), showsUnits)).join(', '),
  );
  const header = fields.map(({ name, field }) => (field.unit ? `${name} [${field.unit}]` : name));
  return says([...(format.includes('noheader') ? [] : [header.join(', ')]), ...rows]);
}

function withUnit(field: Field, value: string | number, showsUnits: boolean): string {
  return showsUnits && field.unit !== '' ? `${value} ${field.unit}` : String(value);
}

const FIRST_PID = 2_411;

/** Inside a container many drivers show no program at all, because they know it by another number outside. */
function queryApps(driven: Driven, { names, format }: Query): Output {
  const { activity, instance } = driven.machine;
  const isBlind = instance.market === 'vastai' && instance.host.machineId % 2 === 0;
  const count = isBlind ? 0 : activity.gpuProcesses;
  const showsUnits = !format.includes('nounits');
  const rows: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const values = names.map((name) => appField(driven, { name: name.trim(), index, showsUnits }));
    if (values.includes(undefined)) return complains('One of the fields is not valid to query.');
    rows.push(values.join(', '));
  }
  return says([...(format.includes('noheader') ? [] : [names.join(', ')]), ...rows]);
}

function appField(
  driven: Driven,
  asked: { readonly name: string; readonly index: number; readonly showsUnits: boolean },
): string | undefined {
  const { activity } = driven.machine;
  const card = asked.index % Math.max(1, activity.busyGpus);
  switch (asked.name) {
    case 'pid':
      return String(FIRST_PID + asked.index);
    case 'process_name':
    case 'name':
      return 'python3';
    case 'gpu_uuid':
      return gpuUuid(driven, card);
    case 'used_memory':
    case 'used_gpu_memory':
      return `${usedMib(driven, card)}${asked.showsUnits ? ' MiB' : ''}`;
    default:
      return undefined;
  }
}

function listGpus(driven: Driven): readonly string[] {
  const { smiName } = driven.machine.gpu;
  return gpuIndexes(driven).map(
    (index) => `GPU ${index}: ${smiName} (UUID: ${gpuUuid(driven, index)})`,
  );
}

function table(driven: Driven): readonly string[] {
  const { machine, driver } = driven;
  const line = `+${'-'.repeat(77)}+`;
  const banner = `NVIDIA-SMI ${driver.version}   Driver Version: ${driver.version}   CUDA Version: ${driver.cuda.toFixed(1)}`;
  const rows = gpuIndexes(driven).map((index) => {
    const memory = `${usedMib(driven, index)}MiB / ${machine.gpu.vramMb}MiB`;
    const state = `${celsius(driven, index)}C   ${memory}   ${usedPercent(driven, index)}%`;
    return `|  ${index}  ${machine.gpu.smiName}   ${state}   Default`.padEnd(78);
  });
  return [line, `| ${banner}`.padEnd(78), line, ...rows, line].map((row) =>
    row.startsWith('|') ? `${row}|` : row,
  );
}

/** As long as `-d UTILIZATION` makes it, whatever is asked for. */
function details(driven: Driven): readonly string[] {
  const { driver, machine } = driven;
  const line = (name: string, value: string | number): string => `${name.padEnd(42)}: ${value}`;
  const rows = gpuIndexes(driven).flatMap((index) => {
    const now = usedPercent(driven, index);
    const peak =
      index < machine.lately.busyGpus ? Math.max(now, machine.lately.gpuUtilization) : now;
    const samples = (high: number): readonly string[] => [
      line('        Duration', '14.12 sec'),
      line('        Number of Samples', 71),
      line('        Max', `${high} %`),
      line('        Min', '0 %'),
      line('        Avg', `${Math.floor(high / 2)} %`),
    ];
    return [
      `GPU 00000000:${(index + 1).toString(16).padStart(2, '0').toUpperCase()}:00.0`,
      '    Utilization',
      line('        Gpu', `${now} %`),
      line('        Memory', `${Math.floor(now / 2)} %`),
      '    GPU Utilization Samples',
      ...samples(peak),
      '    Memory Utilization Samples',
      ...samples(Math.floor(peak / 2)),
      '',
    ];
  });
  return [
    '',
    '==============NVSMI LOG==============',
    '',
    line('Driver Version', driver.version),
    line('CUDA Version', driver.cuda.toFixed(1)),
    '',
    line('Attached GPUs', machine.gpuCount),
    ...rows,
  ];
}

function usedMib({ machine }: Driven, index: number): number {
  const { activity, gpu } = machine;
  const isUsed = index < activity.busyGpus;
  return IDLE_MIB + (isUsed ? Math.round(gpu.vramMb * activity.gpuMemoryShare) : 0);
}

/** A reading is of a moment: it wavers, by the second and the card. */
function usedPercent({ machine }: Driven, index: number): number {
  const { activity, now } = machine;
  if (index >= activity.busyGpus || activity.gpuUtilization === 0) return 0;
  const wavers = (Math.floor(now / 1_000) * 7 + index * 3) % 9;
  return Math.min(100, Math.max(0, activity.gpuUtilization - wavers + 4));
}

function celsius(driven: Driven, index: number): number {
  return 34 + (index % 5) + Math.floor(usedPercent(driven, index) / 3);
}

function watts(driven: Driven, index: number): string {
  return (21 + usedPercent(driven, index) * 3.1 + index).toFixed(2);
}

function gpuIndexes({ machine }: Driven): readonly number[] {
  return Array.from({ length: machine.gpuCount }, (_, index) => index);
}

/** The same card has the same id in every query. */
function gpuUuid({ machine }: Driven, index: number): string {
  const number = String(machine.instance.host.machineId).padStart(8, '0');
  return `GPU-${number}-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

function optionOf(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}

function says(lines: readonly string[]): Output {
  const text = lines.map((line) => `${line}\n`).join('');
  return { stdout: text, stderr: '', exitCode: 0 };
}

function complains(text: string): Output {
  return fails(text, 2);
}

function fails(text: string, exitCode: number): Output {
  return { stdout: `${text}\n`, stderr: '', exitCode };
}
