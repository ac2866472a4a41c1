import type { SimInstance } from './model.ts';

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

interface Field {
  readonly unit: string;
  readonly read: (instance: SimInstance, index: number) => string | number;
}

/** What an idle card's driver holds for itself. */
const IDLE_MIB = 3;

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['index', { unit: '', read: (_, index) => index }],
  ['name', { unit: '', read: ({ host }) => host.gpu.smiName }],
  ['gpu_name', { unit: '', read: ({ host }) => host.gpu.smiName }],
  ['count', { unit: '', read: ({ gpuCount }) => gpuCount }],
  ['uuid', { unit: '', read: gpuUuid }],
  ['memory.total', { unit: 'MiB', read: ({ host }) => host.gpu.vramMb }],
  ['memory.used', { unit: 'MiB', read: () => IDLE_MIB }],
  ['memory.free', { unit: 'MiB', read: ({ host }) => host.gpu.vramMb - IDLE_MIB }],
  ['utilization.gpu', { unit: '%', read: () => 0 }],
  ['utilization.memory', { unit: '%', read: () => 0 }],
  ['temperature.gpu', { unit: '', read: (_, index) => 34 + (index % 5) }],
  ['driver_version', { unit: '', read: ({ host }) => host.driverVersion }],
  ['compute_cap', { unit: '', read: ({ host }) => (host.gpu.computeCap / 100).toFixed(1) }],
]);

/** `-L`, `--query-gpu=… --format=csv[,noheader][,nounits]`, or the table that people look at. */
export function nvidiaSmi(
  args: readonly string[],
  { instance }: { readonly instance: SimInstance },
): Output {
  if (args.includes('-L') || args.includes('--list-gpus')) return says(listGpus(instance));
  const query = optionOf(args, '--query-gpu');
  if (query === undefined) return says(table(instance));
  return queryGpus(instance, query.split(','), (optionOf(args, '--format') ?? 'csv').split(','));
}

function queryGpus(
  instance: SimInstance,
  names: readonly string[],
  format: readonly string[],
): Output {
  const fields: { readonly name: string; readonly field: Field }[] = [];
  for (const name of names.map((one) => one.trim())) {
    const field = FIELDS.get(name);
    if (!field) return complains(`Field "${name}" is not a valid field to query.`);
    fields.push({ name, field });
  }
  const showsUnits = !format.includes('nounits');
  const rows = gpuIndexes(instance).map((index) =>
    fields.map(({ field }) => withUnit(field, field.read(instance, index), showsUnits)).join(', '),
  );
  const header = fields.map(({ name, field }) => (field.unit ? `${name} [${field.unit}]` : name));
  return says([...(format.includes('noheader') ? [] : [header.join(', ')]), ...rows]);
}

function withUnit(field: Field, value: string | number, showsUnits: boolean): string {
  return showsUnits && field.unit !== '' ? `${value} ${field.unit}` : String(value);
}

function listGpus(instance: SimInstance): readonly string[] {
  const { smiName } = instance.host.gpu;
  return gpuIndexes(instance).map(
    (index) => `GPU ${index}: ${smiName} (UUID: ${gpuUuid(instance, index)})`,
  );
}

function table(instance: SimInstance): readonly string[] {
  const { host } = instance;
  const line = `+${'-'.repeat(77)}+`;
  const driver = `NVIDIA-SMI ${host.driverVersion}   Driver Version: ${host.driverVersion}   CUDA Version: ${host.cudaMax.toFixed(1)}`;
  const rows = gpuIndexes(instance).map((index) => {
    const memory = `${IDLE_MIB}MiB / ${host.gpu.vramMb}MiB`;
    return `|  ${index}  ${host.gpu.smiName}   ${34 + (index % 5)}C   ${memory}   0%   Default`.padEnd(
      78,
    );
  });
  return [line, `| ${driver}`.padEnd(78), line, ...rows, line].map((row) =>
    row.startsWith('|') ? `${row}|` : row,
  );
}

function gpuIndexes(instance: SimInstance): readonly number[] {
  return Array.from({ length: instance.gpuCount }, (_, index) => index);
}

/** The same card has the same id in every query. */
function gpuUuid({ host }: SimInstance, index: number): string {
  const machine = String(host.machineId).padStart(8, '0');
  return `GPU-${machine}-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

function optionOf(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}

function says(lines: readonly string[]): Output {
  return { stdout: `${lines.join('\n')}\n`, stderr: '', exitCode: 0 };
}

function complains(text: string): Output {
  return { stdout: `${text}\n`, stderr: '', exitCode: 2 };
}
