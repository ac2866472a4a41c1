import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, statfsSync } from 'node:fs';
import { uptime } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Login } from '../../src/ports/remote-shell.ts';
import { createRemoteShell } from '../../src/ssh/remote-shell.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import { systemClock } from '../../src/system/clock.ts';
import { hasOpenSsh, type OpenSshHost, openSshHost } from './openssh-host.ts';
import { type StallingProxy, stallingProxy } from './stalling-proxy.ts';
import { SteppedClock } from './stepped-clock.ts';

const keys = createKeys(Buffer.alloc(32, 1)).generate('session');
const others = createKeys(Buffer.alloc(32, 1)).generate('someone else');
const shell = createRemoteShell({ clock: systemClock });

/** Answers the query as the driver does, and else prints its banner. */
const NVIDIA_SMI = `case "$*" in
  *--query-gpu=name,memory.total,*) echo 'NVIDIA H100 80GB HBM3, 81559, 1, 0, [N/A], 70.31' ;;
  *) echo '| NVIDIA-SMI 550.54.15     Driver Version: 550.54.15     CUDA Version: 12.4 |' ;;
esac`;
const NONE = 'exit 127';

describe.skipIf(!hasOpenSsh)('a real OpenSSH server (skipped without openssh-server)', () => {
  let server: OpenSshHost;
  const at = (withKeys: Omit<Login, 'host' | 'port' | 'user'>) =>
    server.loginAt(server.port, withKeys);

  beforeAll(async () => {
    server = await openSshHost(keys.publicKey);
    server.teach('nvidia-smi', NONE);
  });
  afterEach(() => server.teach('nvidia-smi', NONE));
  afterAll(() => server.remove());

  test('proves a login with a generated key, and says what it is', async () => {
    const proof = await shell.prove(at(keys));
    expect(proof).toMatchObject({ kind: 'proven', hostKey: server.hostKey() });
    expect(proof).toMatchObject({
      report: { gpus: undefined, diskFreeBytes: expect.closeTo(freeBytes(), -10) },
    });
    const pinned = { ...keys, hostKey: server.hostKey() };
    server.teach('nvidia-smi', NVIDIA_SMI);
    expect(await shell.prove(at(pinned))).toMatchObject({
      kind: 'proven',
      report: {
        gpus: [{ name: 'NVIDIA H100 80GB HBM3', memoryTotalMb: 81_559 }],
        driverVersion: '550.54.15',
        cudaVersion: '12.4',
      },
    });
  });

  test('proves that it takes a public key, without the private one', async () => {
    const proof = await shell.prove(at({ publicKey: keys.publicKey }));
    expect(proof).toEqual({ kind: 'proven', hostKey: server.hostKey() });
  });

  test('refuses keys that are not authorized', async () => {
    expect(await shell.prove(at(others))).toEqual({ kind: 'auth_refused' });
    expect(await shell.prove(at({ publicKey: others.publicKey }))).toEqual({
      kind: 'auth_refused',
    });
  });

  test('tells of its disk where there is no driver, and of its GPUs where there is one', async () => {
    const pinned = { ...keys, hostKey: server.hostKey() };
    expect(await shell.inspect(at(pinned), 10_000)).toMatchObject({
      kind: 'logged_in',
      report: {
        gpus: undefined,
        driverVersion: undefined,
        cudaVersion: undefined,
        diskFreeBytes: expect.closeTo(freeBytes(), -10),
        work: expect.objectContaining({
          uptimeSeconds: expect.closeTo(uptime(), -2),
          cpuCount: expect.any(Number),
          cpuBusySeconds: expect.any(Number),
          networkBytes: expect.any(Number),
          logins: expect.any(Number),
          gpuProcesses: undefined,
        }),
      },
    });
    server.teach('nvidia-smi', NVIDIA_SMI);
    expect(await shell.inspect(at(pinned), 10_000)).toMatchObject({
      report: {
        gpus: [{ name: 'NVIDIA H100 80GB HBM3', memoryTotalMb: 81_559, temperatureC: undefined }],
        driverVersion: '550.54.15',
        cudaVersion: '12.4',
      },
    });
    const { publicKey } = keys;
    expect(await shell.inspect(at({ publicKey }), 10_000)).toEqual({ kind: 'key_accepted' });
  });

  test('is hung up on where a command prints without end', async () => {
    server.teach('nvidia-smi', 'exec yes');
    expect(await shell.prove(at(keys))).toEqual({ kind: 'unreachable', phase: 'command' });
    expect(await shell.inspect(at(keys), 10_000)).toMatchObject({
      kind: 'logged_in',
      report: { gpus: undefined },
    });
  });

  test('is logged in to though its driver hangs', async () => {
    const pipe = server.path('pipe');
    execFileSync('sh', ['-c', `mkfifo ${pipe}`]);
    // Nothing of it outlives the test: it ends when nobody holds the other end any more.
    server.teach('nvidia-smi', `echo asked > ${pipe}; cat ${pipe} > /dev/null; exit 1`);
    const asked = createReadStream(pipe);
    const clock = new SteppedClock();
    const proof = createRemoteShell({ clock }).prove(at(keys));
    await once(asked, 'data');
    // What it said before arrives before the answer to whatever is asked after it.
    await shell.prove(at(others));
    expect(clock.fire()).toBe(20_000);
    expect(await proof).toMatchObject({ kind: 'proven', report: { gpus: undefined } });
    execFileSync('sh', ['-c', `timeout 5 sh -c ': > ${pipe}' || true`]);
    asked.destroy();
  });

  test('whose host key has changed is not logged in to', async () => {
    const pinned = server.hostKey();
    await server.stop();
    server.changeHostKey();
    await server.start();
    expect(await shell.prove(at({ ...keys, hostKey: pinned }))).toEqual({
      kind: 'host_key_changed',
      hostKey: server.hostKey(),
    });
    expect(await shell.inspect(at({ ...keys, hostKey: pinned }), 10_000)).toMatchObject({
      kind: 'host_key_changed',
    });
  });

  describe('behind a network that fails', () => {
    let proxy: StallingProxy;
    let clock: SteppedClock;
    const through = () => createRemoteShell({ clock }).prove(server.loginAt(proxy.port, keys));

    beforeAll(() => {
      clock = new SteppedClock();
    });
    afterEach(() => proxy.close());

    async function open(): Promise<void> {
      proxy = await stallingProxy(server.port);
      clock = new SteppedClock();
    }

    test('greets late, and is waited for', async () => {
      await open();
      proxy.stall();
      const proof = through();
      await clock.timersSet(2);
      proxy.release();
      expect(await proof).toMatchObject({ kind: 'proven', hostKey: server.hostKey() });
      expect(clock.pending).toBe(0);
    });

    // Each phase sets its own deadline when it begins.
    test.each([
      ['after the connection', 2, 'key_exchange', 8_000],
      ['at the authentication', 3, 'authentication', 8_000],
      ['in the command', 4, 'command', 20_000],
    ] as const)(
      'that stalls %s is given up on at that phase’s deadline',
      async (_, timers, phase, deadlineMs) => {
        await open();
        const proof = through();
        await clock.timersSet(timers);
        proxy.stall();
        expect(clock.fire()).toBe(deadlineMs);
        expect(await proof).toEqual({ kind: 'timed_out', phase });
        expect(clock.pending).toBe(0);
      },
    );

    test('that stalls in the key exchange is given up on', async () => {
      await open();
      proxy.stall();
      const proof = through();
      await clock.timersSet(2);
      // The greeting passes, and what follows it does not.
      proxy.release();
      proxy.stall();
      expect(clock.fire()).toBe(8_000);
      expect(await proof).toEqual({ kind: 'timed_out', phase: 'key_exchange' });
    });

    test.each([
      ['the key exchange', 2, 'key_exchange'],
      ['the authentication', 3, 'authentication'],
      ['the command', 4, 'command'],
    ] as const)(
      'that restarts in the middle of %s is out of reach until it is back, as itself',
      async (_, timers, phase) => {
        await open();
        const proof = through();
        await clock.timersSet(timers);
        proxy.cut();
        await server.stop();
        expect(await proof).toEqual({ kind: 'unreachable', phase });
        expect(clock.pending).toBe(0);
        expect(await shell.prove(at(keys))).toEqual({ kind: 'unreachable', phase: 'connect' });
        await server.start();
        const again = { ...keys, hostKey: server.hostKey() };
        expect((await shell.prove(at(again))).kind).toBe('proven');
      },
    );
  });
});

/** As the file system itself says. */
function freeBytes(): number {
  const { bavail, bsize } = statfsSync('/');
  return bavail * bsize;
}
