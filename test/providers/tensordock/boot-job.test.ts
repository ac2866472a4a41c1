import { afterEach, expect, test } from 'vitest';
import { bootCommands } from '../../../src/providers/tensordock/cloud-init.ts';
import { type FakeMachine, fakeMachine } from './fake-machine.ts';
import { KEY } from './harness.ts';

const SCRIPT = '/var/lib/gpu-broker/on-start.sh';
const UNIT = 'gpu-broker-on-start.service';

const machines: FakeMachine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.remove();
});

function machineWith(programs: Readonly<Record<string, string>> = {}): FakeMachine {
  const machine = fakeMachine({ systemctl: '', chown: '', reboot: '', ...programs });
  machines.push(machine);
  return machine;
}

function commandsFor(onStart?: string): string[] {
  const workload = { kind: 'ssh', ...(onStart === undefined ? {} : { onStart }) } as const;
  return bootCommands({ key: KEY, workload, gpuCount: 1 });
}

test.each([
  ['quotes of both kinds', `echo "it's" 'a "test"'`],
  [
    'several lines, a tab and a carriage return',
    'a=1\n\tb=2\r\n\nfor x in 1 2; do echo $x; done\n',
  ],
  ['what a careless shell would run', '$(reboot) `reboot`; reboot\nEOF\nreboot'],
  ['what YAML would read', '- reboot: {a: b} # [c]\n"d": \\n'],
  ['letters of other scripts', 'echo "zażółć 你好 🚀"'],
  ['no end of line', 'echo -n -e \\t%s'],
  ['as much as is allowed', 'é'.repeat(1_750)],
])('a start command with %s reaches the machine as it is', (_, onStart) => {
  const machine = machineWith();
  expect(machine.boot(commandsFor(onStart))).toEqual({ exitCode: 0, output: '' });
  expect(machine.read(SCRIPT)).toBe(onStart);
  expect(machine.calls('reboot')).toEqual([]);
});

test('the first boot starts the start command, waits for nothing, and has later boots start it too', () => {
  const machine = machineWith();
  machine.boot(commandsFor('sleep infinity'));
  expect(machine.calls('systemctl')).toEqual([
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'enable', UNIT],
    ['systemctl', 'start', '--no-block', UNIT],
  ]);
  const unit = machine.read(`/etc/systemd/system/${UNIT}`).split('\n');
  expect(unit).toContain(`ExecStart=/bin/bash ${SCRIPT}`);
  expect(unit).toContain('StandardOutput=append:/var/log/gpu-broker-on-start.log');
  expect(unit).toContain('WantedBy=multi-user.target');
  expect(unit.join()).not.toContain('Restart=');
});

test('a boot script that runs twice leaves the same machine', () => {
  const machine = machineWith();
  machine.boot(commandsFor('echo once'));
  const unit = machine.read(`/etc/systemd/system/${UNIT}`);
  expect(machine.boot(commandsFor('echo once')).exitCode).toBe(0);
  expect(machine.read(SCRIPT)).toBe('echo once');
  expect(machine.read(`/etc/systemd/system/${UNIT}`)).toBe(unit);
  expect(machine.read('/root/.ssh/authorized_keys')).toBe(`${KEY}\n`);
});

test('the login is put in whatever becomes of the rest', () => {
  const machine = machineWith({ base64: 'exit 1', systemctl: 'exit 1' });
  machine.boot(commandsFor('echo hello'));
  expect(machine.read('/root/.ssh/authorized_keys')).toBe(`${KEY}\n`);
  expect(machine.read('/home/user/.ssh/authorized_keys')).toBe(`${KEY}\n`);
});

test('the start command runs as a script of bash', () => {
  const machine = machineWith();
  machine.boot(commandsFor(`words=("a b" "it's")\nprintf '<%s>' "\${words[@]}"`));
  expect(machine.run(SCRIPT)).toEqual({ exitCode: 0, output: "<a b><it's>" });
});

test('a machine for a login alone gets the keys and nothing else', () => {
  expect(commandsFor().join('\n')).not.toContain('systemctl');
});

/** The least that a cloud has been known to allow for all of cloud-init's text. */
const SMALLEST_CLOUD_INIT_BYTES = 16_384;

test('the longest start command still makes a short boot script', () => {
  const text = commandsFor('x'.repeat(3_500)).join('\n');
  expect(text.length).toBeLessThan(SMALLEST_CLOUD_INIT_BYTES / 2);
});
