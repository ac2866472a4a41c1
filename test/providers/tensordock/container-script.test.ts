import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import type { Container, Workload } from '../../../src/domain/workload.ts';
import { bootCommands } from '../../../src/providers/tensordock/cloud-init.ts';
import { containerScript } from '../../../src/providers/tensordock/container-script.ts';
import { type FakeMachine, fakeMachine } from './fake-machine.ts';
import { KEY } from './harness.ts';

const SCRIPT = '/var/lib/gpu-broker/workload.sh';
const IMAGE = 'vllm/vllm-openai:v0.10.2';
const SERVER: Workload = {
  kind: 'entrypoint',
  image: IMAGE,
  model: { server: 'vllm', modelId: 'Qwen/Qwen2.5-7B-Instruct', quantization: 'awq' },
  ports: [8000],
};

/** Programs of a machine on which everything works; marks say what has been put in. */
const DOCKER = `case "$1 $2" in
  "container inspect") [ -e $flags/container ] ;;
  "info --format") [ ! -e $flags/runtime ] || echo '{"nvidia":{},"runc":{}}' ;;
  run*) touch $flags/container ;;
esac`;
const PROGRAMS = {
  ...Object.fromEntries(
    ['systemctl', 'chown', 'sleep', 'fuser', 'dpkg', 'modprobe', 'curl', 'gpg', 'cloud-init'].map(
      (name) => [name, ''],
    ),
  ),
  fuser: 'exit 1',
  'nvidia-smi': '[ -e $flags/driver ] && echo "GPU 0: NVIDIA GeForce RTX 4090"',
  'apt-get': `case " $* " in
    *" docker.io "*) cp $flags/docker $bin/docker ;;
    *" nvidia-container-toolkit "*) cp $flags/nvidia-ctk $bin/nvidia-ctk ;;
    *" nvidia-driver-550 "*) touch $flags/driver ;;
  esac`,
} as const;

const machines: FakeMachine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.remove();
});

/** With Docker and its toolkit on the shelf that `apt-get` takes them from, and the server's script in its place. */
function freshMachine(programs: Readonly<Record<string, string>> = {}): FakeMachine {
  const machine = fakeMachine({ ...PROGRAMS, ...programs });
  machines.push(machine);
  machine.teach('docker', DOCKER);
  machine.teach('nvidia-ctk', 'touch $flags/runtime');
  for (const program of ['docker', 'nvidia-ctk']) machine.shelve(program);
  machine.boot(bootCommands({ key: KEY, workload: SERVER, gpuCount: 2 }));
  return machine;
}

const RUN = [
  'docker',
  ...['run', '--detach', '--name', 'gpu-broker-workload', '--restart', 'unless-stopped'],
  ...['--gpus', 'all', '--ipc', 'host', '--log-opt', 'max-size=50m', '--log-opt', 'max-file=3'],
  ...['--publish', '8000:8000', IMAGE, '--model', 'Qwen/Qwen2.5-7B-Instruct'],
  ...[
    '--host',
    '0.0.0.0',
    '--port',
    '8000',
    '--quantization',
    'awq',
    '--tensor-parallel-size',
    '2',
  ],
];

function installed(machine: FakeMachine): string[] {
  return machine
    .calls('apt-get')
    .filter((call) => call.includes('install'))
    .flatMap((call) => call.slice(call.indexOf('install') + 1));
}

test('a fresh machine gets driver, Docker and toolkit, and then runs the container with its GPUs', () => {
  const machine = freshMachine();
  const { exitCode, output } = machine.run(SCRIPT);
  expect(output).toContain('the container runs');
  expect(exitCode).toBe(0);
  expect(installed(machine)).toEqual(
    expect.arrayContaining(['nvidia-driver-550', 'docker.io', 'nvidia-container-toolkit']),
  );
  expect(machine.calls('docker').filter(([, verb]) => verb === 'run')).toEqual([RUN]);
  expect(machine.calls('docker')).toContainEqual(['docker', 'pull', '--quiet', IMAGE]);
});

test('no upgrade changes the driver under a server that runs', () => {
  const machine = freshMachine();
  machine.run(SCRIPT);
  const timers = ['apt-daily.timer', 'apt-daily-upgrade.timer'];
  expect(machine.calls('systemctl')).toContainEqual(['systemctl', 'disable', '--now', ...timers]);
});

test('a later boot installs nothing, pulls nothing, and starts the same container', () => {
  const machine = freshMachine();
  machine.run(SCRIPT);
  machine.forget();
  expect(machine.run(SCRIPT).exitCode).toBe(0);
  expect(machine.calls('apt-get')).toEqual([]);
  const verbs = machine.calls('docker').map(([, verb]) => verb);
  expect(verbs).toContain('start');
  expect(verbs).not.toContain('run');
  expect(verbs).not.toContain('pull');
});

test('packages are waited for as long as unattended upgrades hold them, and half-installed ones are finished first', () => {
  const machine = freshMachine({
    fuser: 'echo x >> $flags/looks; [ "$(grep -c x $flags/looks)" -lt 5 ]',
  });
  expect(machine.run(SCRIPT).exitCode).toBe(0);
  expect(machine.calls('fuser')).toHaveLength(5);
  const order = machine.calls().map(([name, ...args]) => `${name} ${args.join(' ')}`);
  const configured = order.findIndex((call) => call.startsWith('dpkg '));
  const firstInstall = order.findIndex((call) => /^apt-get .* install /.test(call));
  expect(configured).toBeGreaterThan(
    order.lastIndexOf(order.find((call) => call.startsWith('fuser')) ?? ''),
  );
  expect(firstInstall).toBeGreaterThan(configured);
});

test('a module that is there and not compiled is compiled, and no other driver is installed', () => {
  const machine = freshMachine({ dkms: 'touch $flags/driver' });
  expect(machine.run(SCRIPT).exitCode).toBe(0);
  expect(machine.calls('dkms')).toEqual([['dkms', 'autoinstall']]);
  expect(installed(machine)).not.toContain('nvidia-driver-550');
});

test('a card that the usual driver does not know gets what Ubuntu picks for it', () => {
  const machine = freshMachine({
    'apt-get': PROGRAMS['apt-get'].replace('touch $flags/driver', 'true'),
    'ubuntu-drivers': 'touch $flags/driver',
  });
  expect(machine.run(SCRIPT).exitCode).toBe(0);
  expect(machine.calls('ubuntu-drivers')).toEqual([['ubuntu-drivers', 'install']]);
});

test('a driver that does not load is given one reboot, and then up', () => {
  const machine = freshMachine({ 'nvidia-smi': 'exit 9' });
  expect(machine.run(SCRIPT)).toMatchObject({ exitCode: 0 });
  expect(machine.calls('systemctl')).toContainEqual(['systemctl', 'reboot']);
  machine.forget();
  const second = machine.run(SCRIPT);
  expect(second.exitCode).toBe(1);
  expect(second.output).toContain('no GPU driver works');
  expect(machine.calls('systemctl')).not.toContainEqual(['systemctl', 'reboot']);
  expect(machine.calls('docker')).toEqual([]);
});

test('a driver that needs the reboot serves after it', () => {
  const machine = freshMachine({
    systemctl: 'case "$1" in reboot) touch $flags/driver ;; esac',
    'apt-get': PROGRAMS['apt-get'].replace('touch $flags/driver', 'true'),
  });
  machine.run(SCRIPT);
  expect(machine.calls('docker')).toEqual([]);
  expect(machine.run(SCRIPT).output).toContain('the container runs');
});

test('an image that cannot be pulled is a failure, after a few tries, that the unit repeats', () => {
  const machine = machineThatRan();
  machine.teach('docker', `[ "$1" != pull ] || exit 1\n${DOCKER}`);
  const { exitCode, output } = machine.run(SCRIPT);
  expect(exitCode).toBe(1);
  expect(output).toContain('the image cannot be pulled');
  expect(machine.calls('docker').filter(([, verb]) => verb === 'pull')).toHaveLength(3);
  const unit = machine.read('/etc/systemd/system/gpu-broker-workload.service');
  expect(unit).toContain('Restart=on-failure');
});

/** With everything installed, and no container any more. */
function machineThatRan(): FakeMachine {
  const machine = freshMachine();
  machine.run(SCRIPT);
  machine.unmark('container');
  machine.forget();
  return machine;
}

const HOSTILE = [
  '',
  ' ',
  "it's",
  '"quoted"',
  'a  b\tc',
  'two\nlines\n',
  '$(reboot) `reboot` $HOME $x',
  'back\\slash\\n',
  '*?[a]~',
  '--flag=va lue',
  '-',
  '; reboot #',
  'zażółć 你好 🚀',
  '!history',
] as const;

test('arguments and environment reach the container exactly', () => {
  const container: Container = {
    image: 'ghcr.io/some/image@sha256:0123',
    args: HOSTILE,
    env: { PLAIN: 'x', ODD: 'it\'s $(reboot)\n"b" 你', EMPTY: '' },
    ports: [8000, 9001],
  };
  const machine = machineThatRan();
  machine.write(SCRIPT, containerScript(container));
  expect(machine.run(SCRIPT).exitCode).toBe(0);
  const [run = []] = machine.calls('docker').filter(([, verb]) => verb === 'run');
  const image = run.indexOf(container.image);
  expect(run.slice(image + 1)).toEqual(HOSTILE);
  expect(valuesOf(run.slice(0, image), '--env')).toEqual([
    'PLAIN=x',
    'ODD=it\'s $(reboot)\n"b" 你',
    'EMPTY=',
  ]);
  expect(valuesOf(run.slice(0, image), '--publish')).toEqual(['8000:8000', '9001:9001']);
  expect(machine.calls('reboot')).toEqual([]);
});

function valuesOf(words: readonly string[], flag: string): string[] {
  return words.filter((_, at) => words[at - 1] === flag);
}

test('the script is one that bash can read, whatever it holds', () => {
  const script = containerScript({ image: "a'b", args: HOSTILE, env: {}, ports: [80] });
  const checked = spawnSync('/bin/bash', ['-n'], { input: script, encoding: 'utf8' });
  expect([checked.status, checked.stderr]).toEqual([0, '']);
});

test('the largest server still makes a short boot script', () => {
  const ports = Array.from({ length: 15 }, (_, index) => 60_001 + index);
  const workload: Workload = {
    ...SERVER,
    image: 'x'.repeat(1_024),
    ports: [60_000, ...ports],
  } as const;
  const text = bootCommands({ key: KEY, workload, gpuCount: 8 }).join('\n');
  expect(text.length).toBeLessThan(16_384 / 1.5);
});

test('nothing on the machine knows of the provider or of a private key', () => {
  const machine = freshMachine();
  const everything = [
    machine.read(SCRIPT),
    machine.read('/etc/systemd/system/gpu-broker-workload.service'),
    ...bootCommands({ key: KEY, workload: SERVER, gpuCount: 1 }),
  ].join('\n');
  expect(everything).not.toMatch(/PRIVATE KEY|tensordock|api_key|api_token|Bearer/i);
});
