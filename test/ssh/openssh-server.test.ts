import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, uptime, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/ssh/fingerprint.ts';
import { createRemoteShell } from '../../src/ssh/remote-shell.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import { systemClock } from '../../src/system/clock.ts';
import { listen } from './ssh-host.ts';

const SSHD = '/usr/sbin/sshd';
const keys = createKeys(Buffer.alloc(32, 1)).generate('session');
const others = createKeys(Buffer.alloc(32, 1)).generate('someone else');
const shell = createRemoteShell({ clock: systemClock });

/** The server that rented machines run; skipped where it is not installed. */
describe.skipIf(!existsSync(SSHD))('a real OpenSSH server', () => {
  let folder: string;
  let server: ChildProcess;
  let port: number;
  const login = (withKeys: { publicKey: string; privateKey?: string; hostKey?: string }) =>
    shell.prove({ host: '127.0.0.1', port, user: userInfo().username, ...withKeys });
  const hostKey = () => fingerprintOf(readFileSync(join(folder, 'host_key.pub'), 'utf8'));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gpu-broker-sshd-'));
    port = await freePort();
    server = await startServer(folder, port);
  });
  afterAll(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    rmSync(folder, { recursive: true });
  });

  test('proves a login with a generated key', async () => {
    expect(await login(keys)).toEqual({
      kind: 'proven',
      hostKey: hostKey(),
      report: expect.objectContaining({ diskFreeBytes: expect.closeTo(freeBytes(), -10) }),
    });
    expect(await login({ ...keys, hostKey: hostKey() })).toMatchObject({ kind: 'proven' });
  });

  test('proves that it takes a public key, without the private one', async () => {
    const proof = await login({ publicKey: keys.publicKey });
    expect(proof).toEqual({ kind: 'proven', hostKey: hostKey() });
  });

  test('refuses keys that are not authorized', async () => {
    expect(await login(others)).toEqual({ kind: 'auth_refused' });
    expect(await login({ publicKey: others.publicKey })).toEqual({ kind: 'auth_refused' });
  });

  test('tells of its disk where there is no driver, and of its GPUs where there is one', async () => {
    const at = { host: '127.0.0.1', port, user: userInfo().username, hostKey: hostKey() };
    expect(await shell.inspect({ ...at, ...keys }, 10_000)).toEqual({
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
    const program = join(folder, 'bin', 'nvidia-smi');
    writeFileSync(program, NVIDIA_SMI);
    chmodSync(program, 0o755);
    expect(await shell.inspect({ ...at, ...keys }, 10_000)).toMatchObject({
      report: {
        gpus: [{ name: 'NVIDIA H100 80GB HBM3', memoryTotalMb: 81_559, temperatureC: undefined }],
        driverVersion: '550.54.15',
        cudaVersion: '12.4',
      },
    });
    const { publicKey } = keys;
    expect(await shell.inspect({ ...at, publicKey }, 10_000)).toEqual({ kind: 'key_accepted' });
  });

  test('is noticed when its key is another one', async () => {
    const proof = await login({ ...keys, hostKey: 'SHA256:before' });
    expect(proof).toEqual({ kind: 'host_key_changed', hostKey: hostKey() });
  });
});

/** As the file system itself says. */
function freeBytes(): number {
  const { bavail, bsize } = statfsSync('/');
  return bavail * bsize;
}

/** Answers the query as the driver does, and else prints its banner. */
const NVIDIA_SMI = `#!/bin/sh
case "$*" in
  *--query-gpu=name,memory.total,*) echo 'NVIDIA H100 80GB HBM3, 81559, 1, 0, [N/A], 69.5' ;;
  *) echo '| NVIDIA-SMI 550.54.15     Driver Version: 550.54.15     CUDA Version: 12.4 |' ;;
esac
`;

async function startServer(folder: string, port: number): Promise<ChildProcess> {
  // Where it runs as root, this folder has to exist for it to drop its privileges in.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host_key')]);
  writeFileSync(join(folder, 'authorized_keys'), `${keys.publicKey}\n`, { mode: 0o600 });
  mkdirSync(join(folder, 'bin'));
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    `SetEnv PATH=${join(folder, 'bin')}:/usr/bin:/bin`,
  ];
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`);
  const child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    lines.push(line);
    if (line.includes('Server listening')) return child;
  }
  throw new Error(`sshd did not start: ${lines.join('; ')}`);
}

async function freePort(): Promise<number> {
  const holder = await listen(() => undefined);
  await holder.close();
  return holder.port;
}
