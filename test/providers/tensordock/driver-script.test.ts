import { afterEach, expect, test } from 'vitest';
import { bootCommands } from '../../../src/providers/tensordock/cloud-init.ts';
import { type FakeMachine, fakeMachine } from './fake-machine.ts';
import { KEY } from './harness.ts';

const SCRIPT = '/var/lib/gpu-broker/driver.sh';
const UNITS = '/etc/systemd/system';
const DRIVER_UNIT = 'gpu-broker-driver.service';
const START_UNIT = 'gpu-broker-on-start.service';

/** An image as it comes, on which the usual driver works once it has been put in. */
const PROGRAMS = {
  ...Object.fromEntries(
    ['systemctl', 'chown', 'sleep', 'dpkg', 'modprobe', 'cloud-init'].map((name) => [name, '']),
  ),
  fuser: 'exit 1',
  'nvidia-smi': '[ -e $flags/driver ] && echo "GPU 0: NVIDIA GeForce RTX 4090"',
  'apt-get': 'case " $* " in *" nvidia-driver-550 "*) touch $flags/driver ;; esac',
} as const;

const machines: FakeMachine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.remove();
});

function freshMachine(programs: Readonly<Record<string, string>> = {}): FakeMachine {
  const machine = fakeMachine({ ...PROGRAMS, ...programs });
  machines.push(machine);
  const workload = { kind: 'ssh', onStart: 'echo hello' } as const;
  machine.boot(bootCommands({ key: KEY, workload, gpuCount: 1, needsGpus: true }));
  return machine;
}

function installed(machine: FakeMachine): string[] {
  return machine
    .calls('apt-get')
    .filter((call) => call.includes('install'))
    .flatMap((call) => call.slice(call.indexOf('install') + 1));
}

test('a fresh machine gets the driver, and nothing that only a server needs', () => {
  const machine = freshMachine();
  expect(machine.run(SCRIPT)).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining('the GPUs can be used'),
  });
  expect(installed(machine)).toContain('nvidia-driver-550');
  expect(installed(machine)).not.toContain('docker.io');
  expect(machine.calls('systemctl')).not.toContainEqual(['systemctl', 'reboot']);
});

test('the login is there before the driver is begun, and nothing waits for the driver but the start command', () => {
  const machine = freshMachine();
  expect(machine.read('/root/.ssh/authorized_keys').trim()).toBe(KEY);
  const started = machine.calls('systemctl').filter(([, verb]) => verb === 'start');
  expect(started).toEqual([
    ['systemctl', 'start', '--no-block', DRIVER_UNIT],
    ['systemctl', 'start', '--no-block', START_UNIT],
  ]);
  const driver = machine.read(`${UNITS}/${DRIVER_UNIT}`).split('\n');
  expect(driver).toContain('Type=oneshot');
  expect(driver).toContain('Restart=on-failure');
  const start = machine.read(`${UNITS}/${START_UNIT}`).split('\n');
  expect(start).toContain(`After=network-online.target ${DRIVER_UNIT}`);
  expect(start).toContain('Type=simple');
});

test('a machine whose driver works is left as it is', () => {
  const machine = freshMachine({ 'nvidia-smi': 'echo "GPU 0: NVIDIA GeForce RTX 4090"' });
  expect(machine.run(SCRIPT).exitCode).toBe(0);
  expect(machine.calls('apt-get')).toEqual([]);
});

test('a driver that does not load is given one reboot, and then up', () => {
  const machine = freshMachine({ 'nvidia-smi': 'exit 9' });
  expect(machine.run(SCRIPT).exitCode).toBe(0);
  expect(machine.calls('systemctl')).toContainEqual(['systemctl', 'reboot']);
  machine.forget();
  const second = machine.run(SCRIPT);
  expect(second.exitCode).toBe(1);
  expect(second.output).toContain('no GPU driver works');
  expect(machine.calls('systemctl')).not.toContainEqual(['systemctl', 'reboot']);
});

test('a machine on which only a login was asked for is not touched', () => {
  const machine = fakeMachine(PROGRAMS);
  machines.push(machine);
  machine.boot(bootCommands({ key: KEY, workload: { kind: 'ssh' }, gpuCount: 1 }));
  expect(machine.calls('systemctl')).toEqual([]);
});

test('what a boot is given is not more than other clouds take', () => {
  const onStart = 'é'.repeat(1_750);
  const workload = { kind: 'ssh', onStart } as const;
  const commands = bootCommands({ key: KEY, workload, gpuCount: 1, needsGpus: true });
  expect(commands.join('\n').length).toBeLessThan(16_000);
});
