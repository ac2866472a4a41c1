import { nvidiaSmi } from './fake-nvidia-smi.ts';
import type { SimInstance, SimMs } from './model.ts';

/** What a command can see of the machine that it pretends to run on. */
export interface FakeMachine {
  readonly instance: SimInstance;
  readonly user: string;
  readonly now: SimMs;
}

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export type Run = (args: readonly string[], machine: FakeMachine) => ShellResult;

const GB = 1_000_000_000;

export const COMMANDS: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['true', () => says('')],
  [':', () => says('')],
  ['false', () => ({ stdout: '', stderr: '', exitCode: 1 })],
  ['exit', ([code = '0']) => ({ stdout: '', stderr: '', exitCode: Number(code) || 0 })],
  [
    'echo',
    (args) => (args[0] === '-n' ? says(args.slice(1).join(' ')) : says(`${args.join(' ')}\n`)),
  ],
  ['uname', uname],
  ['df', df],
  ['hostname', (_, machine) => says(`${hostname(machine)}\n`)],
  ['whoami', (_, { user }) => says(`${user}\n`)],
  ['nproc', (_, { instance }) => says(`${instance.vcpus || instance.host.vcpus}\n`)],
  ['uptime', uptime],
  ['nvidia-smi', nvidiaSmi],
]);

/** A container on Vast.ai, a virtual machine on TensorDock. */
export function hostname({ instance }: FakeMachine): string {
  return instance.market === 'vastai' ? `C.${instance.id}` : (instance.label ?? 'ubuntu');
}

function says(stdout: string): ShellResult {
  return { stdout, stderr: '', exitCode: 0 };
}

function uname(args: readonly string[], machine: FakeMachine): ShellResult {
  if (!args.includes('-a')) return says('Linux\n');
  const kernel = '5.15.0-139-generic #149-Ubuntu SMP';
  return says(`Linux ${hostname(machine)} ${kernel} x86_64 x86_64 x86_64 GNU/Linux\n`);
}

function df(args: readonly string[], { instance }: FakeMachine): ShellResult {
  const isHuman = args.includes('-h');
  const sizeBytes = instance.diskGb * GB;
  const usedBytes = Math.min(6 * GB, Math.floor(sizeBytes / 2));
  const show = (bytes: number): string => {
    if (isHuman) return `${Math.round(bytes / GB)}G`;
    return String(args.includes('-B1') ? bytes : Math.floor(bytes / 1_024));
  };
  const percent = `${Math.ceil((usedBytes / sizeBytes) * 100)}%`;
  const disk = instance.market === 'vastai' ? 'overlay' : '/dev/vda1';
  const row = [disk, show(sizeBytes), show(usedBytes), show(sizeBytes - usedBytes), percent, '/'];
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

function uptime(_: readonly string[], { instance, now }: FakeMachine): ShellResult {
  const minutes = Math.floor((now - (instance.runningSince ?? now)) / 60_000);
  return says(` up ${minutes} min,  1 user,  load average: 0.00, 0.00, 0.00\n`);
}
