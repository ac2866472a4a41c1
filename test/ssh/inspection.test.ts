import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RemoteShell } from '../../src/ports/remote-shell.ts';
import { createRemoteShell, createRemoteShellOver } from '../../src/ssh/remote-shell.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import {
  HOST_FINGERPRINT,
  listen,
  listenSsh,
  loginTo,
  type OnExec,
  type TestHost,
} from './ssh-host.ts';
import { SteppedClock } from './stepped-clock.ts';

const keys = createKeys(Buffer.alloc(32, 1)).generate('session');
const DEADLINE_MS = 10_000;
const NOTHING = {
  gpus: undefined,
  driverVersion: undefined,
  cudaVersion: undefined,
  diskFreeBytes: undefined,
};
const DISK = 'gpu-broker:disk\noverlay 1000 250 750 25% /\n';
const GPUS = 'gpu-broker:gpus\nNVIDIA T4, 15360, 0, 0, 30, 9.51\n';

let clock: SteppedClock;
let shell: RemoteShell;
let host: TestHost;
beforeEach(() => {
  clock = new SteppedClock();
  shell = createRemoteShell({ clock });
});
afterEach(() => host.close());

async function hostThat(onExec: OnExec): Promise<TestHost> {
  host = await listenSsh({ acceptsKey: () => true, onExec });
  return host;
}

async function expectNothingLeft(): Promise<void> {
  await host.allClosed();
  expect(clock.pending).toBe(0);
}

describe('an inspection', () => {
  test('is one login and one command, whose output is read to its end', async () => {
    const commands: string[] = [];
    await hostThat((channel, command) => {
      commands.push(command);
      channel.stderr.write('a complaint');
      channel.write(DISK);
      channel.exit(127);
      // What comes after the status counts like what came before.
      channel.write(GPUS);
      channel.end();
    });
    const inspection = await shell.inspect(loginTo(host, keys), DEADLINE_MS);
    expect(inspection).toMatchObject({
      kind: 'logged_in',
      report: { gpus: [{ name: 'NVIDIA T4' }], diskFreeBytes: 750 * 1024 },
    });
    expect(commands).toEqual([expect.stringContaining('nvidia-smi --query-gpu=')]);
    await expectNothingLeft();
  });

  test('of a machine that will run nothing shows that the login works', async () => {
    await hostThat((channel) => channel.close());
    const inspection = await shell.inspect(loginTo(host, keys), DEADLINE_MS);
    expect(inspection).toEqual({ kind: 'logged_in', report: NOTHING });
    await expectNothingLeft();
  });

  test('tells what was said before the machine hung up', async () => {
    await hostThat((channel) => {
      channel.write(`${DISK}${GPUS}`);
      // No status: the command was killed.
      channel.close();
    });
    const inspection = await shell.inspect(loginTo(host, keys), DEADLINE_MS);
    expect(inspection).toMatchObject({ report: { gpus: [{ name: 'NVIDIA T4' }] } });
    await expectNothingLeft();
  });

  test('of a driver that hangs shows that the login works, when the time is up', async () => {
    let onStart = () => undefined as unknown;
    const started = new Promise<void>((resolve) => {
      onStart = resolve;
    });
    await hostThat(() => void onStart());
    const inspection = shell.inspect(loginTo(host, keys), DEADLINE_MS);
    await started;
    expect(clock.fire()).toBe(DEADLINE_MS);
    expect(await inspection).toEqual({ kind: 'logged_in', report: NOTHING });
    await expectNothingLeft();
  });

  test('hangs up on a machine that never stops talking', async () => {
    await hostThat((channel) => {
      channel.write(DISK);
      const talk = (): void => {
        while (channel.writable && channel.write('x'.repeat(16_384)));
      };
      channel.on('drain', talk).on('error', () => undefined);
      talk();
    });
    const inspection = await shell.inspect(loginTo(host, keys), DEADLINE_MS);
    expect(inspection).toMatchObject({ report: { diskFreeBytes: 750 * 1024 } });
    await expectNothingLeft();
  });

  test('hangs up on a machine that never stops complaining', async () => {
    await hostThat((channel) => {
      const complain = (): void => {
        while (channel.stderr.writable && channel.stderr.write('x'.repeat(16_384)));
      };
      channel.stderr.on('drain', complain).on('error', () => undefined);
      complain();
    });
    const inspection = await shell.inspect(loginTo(host, keys), DEADLINE_MS);
    expect(inspection).toEqual({ kind: 'logged_in', report: NOTHING });
    await expectNothingLeft();
  });

  test('without a private key only asks whether the public one would do', async () => {
    const commands: string[] = [];
    await hostThat((_, command) => void commands.push(command));
    const inspection = await shell.inspect(
      loginTo(host, { publicKey: keys.publicKey }),
      DEADLINE_MS,
    );
    expect(inspection).toEqual({ kind: 'key_accepted' });
    expect(commands).toEqual([]);
    await expectNothingLeft();
  });

  test('of a host with another key than before ends before anything is shown to it', async () => {
    const commands: string[] = [];
    await hostThat((_, command) => void commands.push(command));
    const login = loginTo(host, { ...keys, hostKey: 'SHA256:another' });
    expect(await shell.inspect(login, DEADLINE_MS)).toEqual({
      kind: 'host_key_changed',
      hostKey: HOST_FINGERPRINT,
    });
    expect(commands).toEqual([]);
    await expectNothingLeft();
  });

  test('of a host that refuses the key says so', async () => {
    host = await listenSsh({ acceptsKey: () => false });
    expect(await shell.inspect(loginTo(host, keys), DEADLINE_MS)).toEqual({ kind: 'auth_refused' });
    await expectNothingLeft();
  });

  test('of nothing that listens says so', async () => {
    host = await listen(() => undefined);
    const { port } = host;
    await host.close();
    const inspection = await shell.inspect(loginTo({ port }, keys), DEADLINE_MS);
    expect(inspection).toEqual({ kind: 'unreachable', phase: 'connect' });
    host = await listen(() => undefined);
  });
});

describe('the deadline of an inspection', () => {
  test('holds for all phases together', async () => {
    host = await listen(() => undefined);
    const socket = new Socket();
    const slow = createRemoteShellOver({ clock, dial: () => socket });
    const inspection = slow.inspect(loginTo(host, keys), 6_000);
    clock.pass(4_500);
    socket.connect(host.port, '127.0.0.1');
    await clock.timersSet(2);
    // The key exchange may take eight seconds by itself; of the six for everything one and a half are left.
    expect(clock.fire()).toBe(1_500);
    expect(await inspection).toEqual({ kind: 'timed_out', phase: 'key_exchange' });
    await expectNothingLeft();
  });

  test('that is shorter than a phase ends that phase', async () => {
    host = await listen(() => undefined);
    const silent = createRemoteShellOver({ clock, dial: () => new Socket() });
    const inspection = silent.inspect(loginTo(host, keys), 1_000);
    expect(clock.fire()).toBe(1_000);
    expect(await inspection).toEqual({ kind: 'timed_out', phase: 'connect' });
    expect(clock.pending).toBe(0);
  });
});
