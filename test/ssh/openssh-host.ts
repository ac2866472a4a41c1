import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Login } from '../../src/ports/remote-shell.ts';
import { fingerprintOf } from '../../src/ssh/fingerprint.ts';
import { listen } from './ssh-host.ts';

const SSHD = '/usr/sbin/sshd';

/** Whether Debian's `openssh-server` is installed; tests that need it are skipped where it is not. */
export const hasOpenSsh = existsSync(SSHD);

/** The server that rented machines run, on loopback, with a folder, host keys and programs of its own. */
export interface OpenSshHost {
  readonly port: number;
  /** Fingerprint of the host key that it shows now. */
  hostKey(): string;
  /** Whom to log in as, through a port of its own or a proxy's. */
  loginAt(port: number, keys: Omit<Login, 'host' | 'port' | 'user'>): Login;
  /** Puts a shell script into the path of whoever logs in. */
  teach(program: string, body: string): void;
  path(name: string): string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** As a machine that was made anew at the same address. */
  changeHostKey(): void;
  remove(): Promise<void>;
}

export async function openSshHost(authorizedKey: string): Promise<OpenSshHost> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-sshd-'));
  const path = (name: string): string => join(folder, name);
  const port = await freePort();
  prepare(folder, { port, authorizedKey });
  let server: ChildProcess | undefined = await startServer(folder);
  const stop = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (!running) return;
    running.kill();
    if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
  };
  return {
    port,
    path,
    hostKey: () => fingerprintOf(readFileSync(path('host_key.pub'), 'utf8')),
    loginAt: (at, keys) => ({ host: '127.0.0.1', port: at, user: userInfo().username, ...keys }),
    teach: (program, body) => {
      writeFileSync(path(`bin/${program}`), `#!/bin/sh\n${body}\n`);
      chmodSync(path(`bin/${program}`), 0o755);
    },
    stop,
    start: async () => {
      server = await startServer(folder);
    },
    changeHostKey: () => makeHostKey(folder),
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function prepare(
  folder: string,
  { port, authorizedKey }: { readonly port: number; readonly authorizedKey: string },
): void {
  // Where it runs as root, this folder has to exist for it to drop its privileges in.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  makeHostKey(folder);
  writeFileSync(join(folder, 'authorized_keys'), `${authorizedKey}\n`, { mode: 0o600 });
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
}

function makeHostKey(folder: string): void {
  const file = join(folder, 'host_key');
  for (const one of [file, `${file}.pub`]) rmSync(one, { force: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
}

async function startServer(folder: string): Promise<ChildProcess> {
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
