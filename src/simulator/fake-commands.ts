import { entriesOf, fileAt, kernelUpSeconds, terminalsOf, typedAt } from './fake-files.ts';
import { nvidiaSmi } from './fake-nvidia-smi.ts';
import type { FakeMachine, Run, ShellResult, Start } from './fake-program.ts';
import { TEXT_COMMANDS } from './fake-text-commands.ts';

const GB = 1_000_000_000;

const COMMANDS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['true', () => says('')],
  [':', () => says('')],
  ['false', () => ({ stdout: '', stderr: '', exitCode: 1 })],
  ['exit', ({ args }) => ({ stdout: '', stderr: '', exitCode: Number(args[0] ?? '0') || 0 })],
  [
    'echo',
    ({ args }) => (args[0] === '-n' ? says(args.slice(1).join(' ')) : says(`${args.join(' ')}\n`)),
  ],
  ['uname', uname],
  ['df', df],
  ['hostname', ({ on }) => says(`${hostname(on)}\n`)],
  ['whoami', ({ on }) => says(`${on.user}\n`)],
  ['nproc', ({ on }) => says(`${on.machine.cpus}\n`)],
  ['uptime', uptime],
  ['who', who],
  ['cat', cat],
  ['ls', ls],
  ['date', ({ on }) => says(`${Math.floor(on.machine.now / 1_000)}\n`)],
  ['find', find],
  ['nvidia-smi', ({ args, on }) => nvidiaSmi(args, on.machine)],
  ...TEXT_COMMANDS,
]);

/** A program that is installed on that machine. */
export function programOf(name: string, { machine }: FakeMachine): Run | undefined {
  if (name === 'nvidia-smi' && machine.driver.kind === 'missing') return undefined;
  return COMMANDS.get(name);
}

/** A container on Vast.ai, a virtual machine on TensorDock. */
export function hostname({ machine: { instance } }: FakeMachine): string {
  return instance.market === 'vastai' ? `C.${instance.id}` : (instance.label ?? 'ubuntu');
}

function says(stdout: string): ShellResult {
  return { stdout, stderr: '', exitCode: 0 };
}

function uname({ args, on }: Start): ShellResult {
  if (!args.includes('-a')) return says('Linux\n');
  const kernel = '5.15.0-139-generic #149-Ubuntu SMP';
  return says(`Linux ${hostname(on)} ${kernel} x86_64 x86_64 x86_64 GNU/Linux\n`);
}

function df({ args, on }: Start): ShellResult {
  const { instance, diskFreeBytes } = on.machine;
  const isHuman = args.includes('-h');
  const sizeBytes = instance.diskGb * GB;
  const usedBytes = sizeBytes - diskFreeBytes;
  const show = (bytes: number): string => {
    if (isHuman) return `${Math.round(bytes / GB)}G`;
    return String(args.includes('-B1') ? bytes : Math.floor(bytes / 1_024));
  };
  const percent = `${Math.ceil((usedBytes / sizeBytes) * 100)}%`;
  const disk = instance.market === 'vastai' ? 'overlay' : '/dev/vda1';
  const row = [disk, show(sizeBytes), show(usedBytes), show(diskFreeBytes), percent, '/'];
  return says(`${dfHeader(args)}\n${row.join(' ')}\n`);
}

/** With `-P` in POSIX's own words. */
function dfHeader(args: readonly string[]): string {
  if (args.some((arg) => /^-\w*P/.test(arg))) {
    return 'Filesystem 1024-blocks Used Available Capacity Mounted on';
  }
  const unit = args.includes('-h') ? 'Size' : args.includes('-B1') ? '1B-blocks' : '1K-blocks';
  return `Filesystem ${unit} Used Available Use% Mounted on`;
}

function uptime({ on: { machine } }: Start): ShellResult {
  const minutes = Math.floor(kernelUpSeconds(machine) / 60);
  const load = machine.activity.busyCpus.toFixed(2);
  const users = machine.activity.terminals;
  return says(` up ${minutes} min,  ${users} user,  load average: ${load}, ${load}, ${load}\n`);
}

/** A container keeps no record of who is at its terminals. */
function who({ on: { machine, user } }: Start): ShellResult {
  if (machine.instance.market === 'vastai') return says('');
  const since = new Date(machine.bootedAt).toISOString().slice(0, 16).replace('T', ' ');
  const rows = terminalsOf(machine).map(
    (name) => `${user.padEnd(8)} ${`pts/${name}`.padEnd(12)} ${since} (203.0.113.7)\n`,
  );
  return says(rows.join(''));
}

function cat({ args, input, on }: Start): ShellResult {
  const paths = args.filter((arg) => !arg.startsWith('-'));
  if (paths.length === 0) return says(input);
  const texts = paths.map((path) => fileAt(on.machine, path));
  const missing = paths.filter((_, index) => texts[index] === undefined);
  return {
    stdout: texts.join(''),
    stderr: missing.map((path) => `cat: ${path}: No such file or directory\n`).join(''),
    exitCode: missing.length > 0 ? 1 : 0,
  };
}

/** `find DIRECTORY -name '[0-9]*' -exec stat -c %X {} +`: when something was last typed, and of files nothing else. */
function find({ args, on }: Start): ShellResult {
  const [path = ''] = args;
  const names = (entriesOf(on.machine, path) ?? []).filter((name) => /^\d+$/.test(name));
  if (!args.includes('stat')) return says(names.map((name) => `${path}/${name}\n`).join(''));
  const at = Math.floor(typedAt(on.machine) / 1_000);
  return says(path === '/dev/pts' ? names.map(() => `${at}\n`).join('') : '');
}

function ls({ args, on }: Start): ShellResult {
  const [path = ''] = args.filter((arg) => !arg.startsWith('-'));
  const names = entriesOf(on.machine, path);
  if (names) return says(names.map((name) => `${name}\n`).join(''));
  if (path === '') return says('');
  if (fileAt(on.machine, path) !== undefined) return says(`${path}\n`);
  const complaint = `ls: cannot access '${path}': No such file or directory\n`;
  return { stdout: '', stderr: complaint, exitCode: 2 };
}
