import { spawnSync } from 'node:child_process';
import ssh2 from 'ssh2';
import type { SessionAnswer } from './api.ts';

export interface LoginTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
  readonly privateKey: string;
}

export function targetOf(session: SessionAnswer, keyFile: string, privateKey: string): LoginTarget {
  const { ssh_host: host, ssh_port: port, ssh_user: user } = session;
  if (host === undefined || port === undefined || user === undefined) {
    throw new Error(`session ${session.id} is running without an address`);
  }
  return { host, port, user, keyFile, privateKey };
}

/** The command line that logs in, as a reader would type it. */
export function sshCommand(target: LoginTarget, command: string): string {
  const { keyFile, port, user, host } = target;
  return `ssh -i ${keyFile} -p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ${user}@${host} ${command}`;
}

/** Runs a command over SSH: with the `ssh` program of this machine, or with a library where there is none. */
export function runOverSsh(target: LoginTarget, command: string): Promise<string> {
  const hasClient = spawnSync('ssh', ['-V']).status === 0;
  return hasClient ? Promise.resolve(withProgram(target, command)) : withLibrary(target, command);
}

function withProgram({ keyFile, port, user, host }: LoginTarget, command: string): string {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
  ];
  const args = ['-i', keyFile, '-p', String(port), ...options.flatMap((one) => ['-o', one])];
  const result = spawnSync('ssh', [...args, `${user}@${host}`, command], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (result.status !== 0) throw new Error(`ssh failed: ${result.stderr}`);
  return result.stdout;
}

function withLibrary(target: LoginTarget, command: string): Promise<string> {
  const { host, port, user: username, privateKey } = target;
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.on('error', reject).on('ready', () => {
      client.exec(command, (error, stream) => {
        if (error) return reject(error);
        let output = '';
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString('utf8');
        });
        stream.on('close', () => {
          client.end();
          resolve(output);
        });
      });
    });
    client.connect({ host, port, username, privateKey, readyTimeout: 20_000 });
  });
}
