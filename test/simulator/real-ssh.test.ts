import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ClientChannel, type ConnectConfig } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { type RealSshPlane, realSshPlane } from '../../src/simulator/real-ssh-plane.ts';
import { handClock } from './hand-clock.ts';
import { look, MINUTE, marketWorld, rentSome } from './market-world.ts';

const planes: RealSshPlane[] = [];
afterEach(() => {
  for (const plane of planes.splice(0)) plane.closeAll();
});

interface Pair {
  readonly publicKey: string;
  readonly privateKey: string;
}

function makePair(kind: 'ed25519' | 'rsa' = 'ed25519'): Pair {
  const pair =
    kind === 'rsa'
      ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 })
      : ssh2.utils.generateKeyPairSync('ed25519');
  const isUsable = !(ssh2.utils.parseKey(pair.private) instanceof Error);
  return isUsable ? { publicKey: pair.public, privateKey: pair.private } : makePair(kind);
}

/** A machine on a real port, booted on a clock that the test turns. */
async function machine(pair: Pair) {
  const plane = realSshPlane(handClock());
  planes.push(plane);
  const { clock, market } = marketWorld({ plane });
  const rented = await rentSome(market, 'tensordock', { bootKeys: [pair.publicKey] });
  return { clock, market, rented };
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly hostKey: string;
}

function login(config: ConnectConfig, command: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let hostKey = '';
    client.on('error', reject).on('ready', () => {
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        collect(channel).then((outcome) => {
          client.end();
          resolve({ ...outcome, hostKey });
        }, reject);
      });
    });
    const hostVerifier = (digest: string): boolean => {
      hostKey = `SHA256:${Buffer.from(digest, 'hex').toString('base64').replaceAll('=', '')}`;
      return true;
    };
    client.connect({ host: '127.0.0.1', hostHash: 'sha256', hostVerifier, ...config });
  });
}

function collect(channel: ClientChannel): Promise<Omit<Outcome, 'hostKey'>> {
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let exitCode = -1;
    channel.on('data', (data: Buffer) => {
      stdout += data.toString();
    });
    channel.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    channel.on('exit', (code: number) => {
      exitCode = code;
    });
    channel.on('close', () => resolve({ stdout, stderr, exitCode }));
  });
}

describe('a real login', () => {
  it('lets the right key in, as root and as user, and runs pretended commands', async () => {
    const pair = makePair();
    const { clock, market, rented } = await machine(pair);
    clock.advance(5 * MINUTE);
    const { gpu } = rented.host;
    for (const username of ['root', 'user']) {
      const config = { port: rented.sshPort, username, privateKey: pair.privateKey };
      const outcome = await login(
        config,
        'nvidia-smi --query-gpu=name --format=csv,noheader; whoami',
      );
      expect(outcome).toMatchObject({ exitCode: 0, stdout: `${gpu.smiName}\n${username}\n` });
      const answer = market.knock({
        host: rented.sshHost,
        port: rented.sshPort,
        user: username,
        publicKey: pair.publicKey,
      });
      expect(answer).toMatchObject({ kind: 'open', hostKey: outcome.hostKey });
    }
    const config = { port: rented.sshPort, username: 'root', privateKey: pair.privateKey };
    expect(await login(config, 'lsblk')).toMatchObject({
      exitCode: 127,
      stderr: 'sh: 1: lsblk: not found\n',
    });
  });

  it('takes RSA keys with their newer signatures', async () => {
    const pair = makePair('rsa');
    const { clock, rented } = await machine(pair);
    clock.advance(5 * MINUTE);
    const config = { port: rented.sshPort, username: 'root', privateKey: pair.privateKey };
    expect(await login(config, 'echo in')).toMatchObject({ stdout: 'in\n' });
  });

  it('refuses other keys, other users, and passwords', async () => {
    const pair = makePair();
    const { clock, rented } = await machine(pair);
    clock.advance(5 * MINUTE);
    const { sshPort: port } = rented;
    const { privateKey } = pair;
    const refused = 'All configured authentication methods failed';
    await expect(
      login({ port, username: 'root', privateKey: makePair().privateKey }, 'true'),
    ).rejects.toThrow(refused);
    await expect(login({ port, username: 'ubuntu', privateKey }, 'true')).rejects.toThrow(refused);
    await expect(login({ port, username: 'root', password: 'x' }, 'true')).rejects.toThrow(refused);
  });

  it('refuses a known public key whose signature is not by its owner', async () => {
    const pair = makePair();
    const thief = makePair();
    const { clock, rented } = await machine(pair);
    clock.advance(5 * MINUTE);
    const claimed = ssh2.utils.parseKey(pair.publicKey);
    const own = ssh2.utils.parseKey(thief.privateKey);
    if (claimed instanceof Error || own instanceof Error) throw new Error('unusable keys');
    const agent = new ForgingAgent(pair.publicKey, thief.privateKey);
    const config = { port: rented.sshPort, username: 'root', agent };
    await expect(login(config, 'true')).rejects.toThrow('authentication methods failed');
    expect(agent.signed).toBe(1);
  });

  it('meets a closed connection before sshd is up, then a refusal, then a login', async () => {
    const pair = makePair();
    const { clock, market, rented } = await machine(pair);
    const config = { port: rented.sshPort, username: 'user', privateKey: pair.privateKey };
    const met: string[] = [];
    for (let seconds = 0; seconds < 200 && met.at(-1) !== 'open'; seconds += 5) {
      met.push(await login(config, 'true').then(() => 'open', readError));
      clock.advance(5_000);
    }
    expect(met[0]).toBe('closed');
    expect(new Set(met)).toEqual(new Set(['closed', 'auth_failed', 'open']));
    expect(look(market, rented.id).state).toBe('running');
  });

  it('ends with the machine', async () => {
    const pair = makePair();
    const { clock, market, rented } = await machine(pair);
    clock.advance(5 * MINUTE);
    const client = new ssh2.Client();
    const isClosed = new Promise<void>((resolve) => client.on('close', () => resolve()));
    client.on('error', () => {});
    await new Promise<void>((resolve) => {
      client.on('ready', () => resolve());
      client.connect({
        host: '127.0.0.1',
        port: rented.sshPort,
        username: 'root',
        privateKey: pair.privateKey,
      });
    });
    market.vanish(rented.id);
    await isClosed;
    await expect(refusal(rented.sshPort)).resolves.toBe('ECONNREFUSED');
  });

  it('gives an interactive shell a prompt', async () => {
    const pair = makePair();
    const { clock, rented } = await machine(pair);
    clock.advance(5 * MINUTE);
    const client = new ssh2.Client();
    const outcome = await new Promise<Omit<Outcome, 'hostKey'>>((resolve, reject) => {
      client.on('error', reject).on('ready', () => {
        client.shell((error, channel) => {
          if (error) return reject(error);
          collect(channel).then(resolve, reject);
          channel.write('whoami\rexit\r');
        });
      });
      client.connect({
        host: '127.0.0.1',
        port: rented.sshPort,
        username: 'user',
        privateKey: pair.privateKey,
      });
    });
    client.end();
    expect(outcome.stdout).toContain('\r\nuser\r\n');
    expect(outcome.exitCode).toBe(0);
  });
});

describe.skipIf(!hasOpenSsh())('the OpenSSH client', () => {
  it('logs in and runs a command', async () => {
    const pair = makePair();
    const { clock, rented } = await machine(pair);
    clock.advance(5 * MINUTE);
    const folder = mkdtempSync(join(tmpdir(), 'sim-ssh-'));
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, pair.privateKey, { mode: 0o600 });
    const options = [
      'StrictHostKeyChecking=no',
      `UserKnownHostsFile=${join(folder, 'known')}`,
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      'LogLevel=ERROR',
    ];
    const args = [
      ...options.flatMap((option) => ['-o', option]),
      ...['-F', 'none', '-i', keyFile, '-p', String(rented.sshPort), 'user@127.0.0.1'],
    ];
    const run = (command: string) =>
      new Promise<{ readonly code: unknown; readonly stdout: string }>((resolve) => {
        execFile('ssh', [...args, command], (error, stdout) =>
          resolve({ code: error?.code ?? 0, stdout }),
        );
      });
    try {
      expect(await run('nvidia-smi -L')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(rented.host.gpu.smiName),
      });
      expect(await run('nonsense')).toMatchObject({ code: 127 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Shows somebody else's public key and signs with its own. */
class ForgingAgent extends ssh2.BaseAgent {
  signed = 0;
  readonly #publicKey: string;
  readonly #privateKey: string;

  constructor(publicKey: string, privateKey: string) {
    super();
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  override getIdentities(callback: (error: Error | undefined, keys: string[]) => void): void {
    callback(undefined, [this.#publicKey]);
  }

  override sign(
    _key: unknown,
    data: Buffer,
    _options: unknown,
    callback?: (error: Error | undefined, signature?: Buffer) => void,
  ): void {
    this.signed += 1;
    const own = ssh2.utils.parseKey(this.#privateKey);
    if (own instanceof Error) throw own;
    callback?.(undefined, own.sign(data));
  }
}

function readError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /authentication/.test(text) ? 'auth_failed' : 'closed';
}

function refusal(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = dial({ host: '127.0.0.1', port }, () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

function hasOpenSsh(): boolean {
  try {
    execFileSync('ssh', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
