import { Socket } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RemoteShell } from '../../src/ports/remote-shell.ts';
import { REPORT_COMMAND } from '../../src/ssh/machine-report.ts';
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
const others = createKeys(Buffer.alloc(32, 1)).generate('someone else');
const keyBlob = Buffer.from(keys.publicKey.split(' ')[1] ?? '', 'base64');
const takesOurKey = (blob: Buffer) => blob.equals(keyBlob);
const exitsWith =
  (code: number): OnExec =>
  (channel) => {
    channel.exit(code);
    channel.end();
  };

const DISK = 'gpu-broker:disk\noverlay 1000 250 750 25% /\n';
const GPUS = 'gpu-broker:gpus\nNVIDIA T4, 15360, 0, 0, 30, 9.51\n';
const BANNER = 'gpu-broker:banner\n| Driver Version: 570.133.20   CUDA Version: 12.8 |\n';
const SAID = `${DISK}${GPUS}${BANNER}gpu-broker:end\n`;

let clock: SteppedClock;
let shell: RemoteShell;
let host: TestHost;
beforeEach(() => {
  clock = new SteppedClock();
  shell = createRemoteShell({ clock });
});
afterEach(() => host.close());

/** Nothing of the attempt is left: no timer, and no connection that the host still sees. */
async function expectNothingLeft(): Promise<void> {
  await host.allClosed();
  expect(clock.pending).toBe(0);
}

describe('a login', () => {
  test('is proven by one command, which has the machine say what it is', async () => {
    const commands: string[] = [];
    host = await listenSsh({
      acceptsKey: takesOurKey,
      onExec: (channel, command) => {
        commands.push(command);
        channel.write(SAID);
        exitsWith(0)(channel, command);
      },
    });
    const proof = await shell.prove(loginTo(host, keys));
    expect(proof).toMatchObject({
      kind: 'proven',
      hostKey: HOST_FINGERPRINT,
      report: { gpus: [{ name: 'NVIDIA T4', memoryTotalMb: 15_360 }], cudaVersion: '12.8' },
    });
    expect(commands).toEqual([REPORT_COMMAND]);
    await expectNothingLeft();
  });

  test('is proven by a command that runs, whatever it says', async () => {
    host = await listenSsh({ acceptsKey: takesOurKey, onExec: exitsWith(0) });
    const proof = await shell.prove(loginTo(host, keys));
    expect(proof).toEqual({ kind: 'proven', hostKey: HOST_FINGERPRINT });
    await expectNothingLeft();
  });

  test('is proven although something that was started along holds the channel', async () => {
    host = await listenSsh({
      acceptsKey: takesOurKey,
      onExec: (channel) => {
        channel.write(SAID);
        channel.exit(0);
      },
    });
    const proof = shell.prove(loginTo(host, keys));
    // Connect, key exchange, authentication, command, and what may still be on its way.
    await clock.timersSet(5);
    expect(clock.fire()).toBe(1_000);
    expect(await proof).toMatchObject({ kind: 'proven', report: { driverVersion: '570.133.20' } });
    await expectNothingLeft();
  });

  test('is proven again at a host whose key was pinned', async () => {
    host = await listenSsh({ acceptsKey: takesOurKey, onExec: exitsWith(0) });
    const proof = await shell.prove(loginTo(host, { ...keys, hostKey: HOST_FINGERPRINT }));
    expect(proof.kind).toBe('proven');
    await expectNothingLeft();
  });

  test('is proven although the host writes much before the command ends', async () => {
    host = await listenSsh({
      acceptsKey: takesOurKey,
      onExec: (channel) => {
        const much = Buffer.alloc(4 * 1024 * 1024, 'x');
        channel.write(much, () => {
          channel.exit(0);
          channel.end();
        });
      },
    });
    expect((await shell.prove(loginTo(host, keys))).kind).toBe('proven');
    await expectNothingLeft();
  });

  test('without a private key is proven by the host accepting the public one, and nothing is signed', async () => {
    let signatures = 0;
    host = await listenSsh({
      acceptsKey: takesOurKey,
      onSigned: () => {
        signatures += 1;
      },
    });
    const proof = await shell.prove(loginTo(host, { publicKey: keys.publicKey }));
    expect(proof).toEqual({ kind: 'proven', hostKey: HOST_FINGERPRINT });
    expect(signatures).toBe(0);
    await expectNothingLeft();
  });

  test('without a private key works for RSA keys too', async () => {
    const rsa = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 });
    host = await listenSsh({ acceptsKey: () => true });
    const proof = await shell.prove(loginTo(host, { publicKey: rsa.public }));
    expect(proof.kind).toBe('proven');
    await expectNothingLeft();
  });
});

describe('a host that answers', () => {
  test.each([
    ['a private key', others],
    ['a public key alone', { publicKey: others.publicKey }],
  ])('and refuses %s says so', async (_, refused) => {
    host = await listenSsh({ acceptsKey: takesOurKey });
    expect(await shell.prove(loginTo(host, refused))).toEqual({ kind: 'auth_refused' });
    await expectNothingLeft();
  });

  test.each([{ ...keys, privateKey: 'no key' }, { publicKey: 'no key' }])(
    'cannot take a key that is none: %o',
    async (broken) => {
      host = await listenSsh({ acceptsKey: () => true });
      expect(await shell.prove(loginTo(host, broken))).toEqual({ kind: 'auth_refused' });
      await expectNothingLeft();
    },
  );

  test('with another key than before is not logged in to', async () => {
    let tries = 0;
    host = await listenSsh({
      acceptsKey: () => {
        tries += 1;
        return true;
      },
    });
    const proof = await shell.prove(loginTo(host, { ...keys, hostKey: 'SHA256:another' }));
    expect(proof).toEqual({ kind: 'host_key_changed', hostKey: HOST_FINGERPRINT });
    await expectNothingLeft();
    expect(tries).toBe(0);
  });

  test('and fails the command does not count', async () => {
    host = await listenSsh({ acceptsKey: takesOurKey, onExec: exitsWith(1) });
    const proof = await shell.prove(loginTo(host, keys));
    expect(proof).toEqual({ kind: 'unreachable', phase: 'command' });
    await expectNothingLeft();
  });

  test('and closes the channel without an exit does not count', async () => {
    host = await listenSsh({ acceptsKey: takesOurKey, onExec: (channel) => channel.close() });
    const proof = await shell.prove(loginTo(host, keys));
    expect(proof).toEqual({ kind: 'unreachable', phase: 'command' });
    await expectNothingLeft();
  });
});

describe('a connection that breaks', () => {
  test('because nothing listens is unreachable at connect', async () => {
    host = await listen(() => undefined);
    const { port } = host;
    await host.close();
    const proof = await shell.prove(loginTo({ port }, keys));
    expect(proof).toEqual({ kind: 'unreachable', phase: 'connect' });
    expect(clock.pending).toBe(0);
    host = await listen(() => undefined);
  });

  test.each([
    ['a port that there is not', { host: '127.0.0.1', port: 70_000 }],
    ['a name that there is not', { host: 'gone.invalid', port: 22 }],
  ])('because of %s is unreachable at connect', async (_, address) => {
    host = await listen(() => undefined);
    const proof = await shell.prove({ ...loginTo(host, keys), ...address });
    expect(proof).toEqual({ kind: 'unreachable', phase: 'connect' });
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['is closed before a word', (socket: Socket) => socket.end()],
    [
      'is reset at the first word',
      (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
    ],
    ['speaks another protocol', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['ends after the greeting', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    ['sends noise', (socket: Socket) => socket.end(`SSH-2.0-x\r\n${'\u0001'.repeat(5000)}`)],
  ])('because it %s is unreachable at the key exchange', async (_, treat) => {
    host = await listen(treat);
    const proof = await shell.prove(loginTo(host, keys));
    expect(proof).toEqual({ kind: 'unreachable', phase: 'key_exchange' });
    await expectNothingLeft();
  });

  test('while the key is looked at is unreachable at authentication', async () => {
    let drop = () => undefined as unknown;
    const server = await listenSsh({ acceptsKey: () => void drop() });
    host = await listen((socket) => {
      const through = new Socket().connect(server.port, '127.0.0.1');
      drop = () => socket.destroy();
      through.on('error', () => undefined);
      socket.pipe(through).pipe(socket);
    });
    const proof = await shell.prove(loginTo(host, keys));
    expect(proof).toEqual({ kind: 'unreachable', phase: 'authentication' });
    await expectNothingLeft();
    await server.close();
  });
});

describe('a deadline', () => {
  test('ends an attempt that never connects', async () => {
    host = await listen(() => undefined);
    const socket = new Socket();
    const silent = createRemoteShellOver({ clock, dial: () => socket });
    const proof = silent.prove(loginTo(host, keys));
    expect(clock.fire()).toBe(5_000);
    expect(await proof).toEqual({ kind: 'timed_out', phase: 'connect' });
    expect(socket.destroyed).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['says nothing', () => undefined],
    ['stops after the greeting', (socket: Socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n')],
    ['greets without an end', (socket: Socket) => void socket.write('come in\r\n'.repeat(10))],
  ])('ends an attempt at a host that %s', async (_, treat) => {
    host = await listen(treat);
    const proof = shell.prove(loginTo(host, keys));
    await clock.timersSet(2);
    expect(clock.fire()).toBe(8_000);
    expect(await proof).toEqual({ kind: 'timed_out', phase: 'key_exchange' });
    await expectNothingLeft();
  });

  test('ends an attempt at a host that never answers for the key', async () => {
    host = await listenSsh({ acceptsKey: () => undefined });
    const proof = shell.prove(loginTo(host, keys));
    await clock.timersSet(3);
    expect(clock.fire()).toBe(8_000);
    expect(await proof).toEqual({ kind: 'timed_out', phase: 'authentication' });
    await expectNothingLeft();
  });

  test('ends a command that never does', async () => {
    let onStart = () => undefined as unknown;
    const started = new Promise<void>((resolve) => {
      onStart = resolve;
    });
    host = await listenSsh({ acceptsKey: takesOurKey, onExec: () => void onStart() });
    const proof = shell.prove(loginTo(host, keys));
    await started;
    expect(clock.fire()).toBe(20_000);
    expect(await proof).toEqual({ kind: 'timed_out', phase: 'command' });
    await expectNothingLeft();
  });

  test.each([
    ['before its GPUs are named', DISK, undefined],
    ['while they are', `${DISK}${GPUS}`, { gpus: undefined, diskFreeBytes: 750 * 1024 }],
    ['after they were', `${DISK}${GPUS}${BANNER}`, { gpus: [{ name: 'NVIDIA T4' }] }],
  ])('ends a driver that hangs %s, and the login is proven', async (_, said, report) => {
    let onHeard = () => undefined as unknown;
    host = await listenSsh({
      acceptsKey: takesOurKey,
      onExec: (channel) => {
        channel.write(said, () => void onHeard());
      },
    });
    const written = new Promise<void>((resolve) => {
      onHeard = resolve;
    });
    const proof = shell.prove(loginTo(host, keys));
    await written;
    // What was written arrives before the answer to whatever is asked after it.
    await createRemoteShell({ clock: new SteppedClock() }).prove(loginTo(host, others));
    clock.fire();
    const found = await proof;
    expect(found).toMatchObject({ kind: 'proven', hostKey: HOST_FINGERPRINT });
    expect('report' in found).toBe(report !== undefined);
    if (report) expect(found).toMatchObject({ report });
    await expectNothingLeft();
  });
});

test('key exchanges of many logins are begun one after the other', async () => {
  host = await listenSsh({ acceptsKey: takesOurKey, onExec: exitsWith(0) });
  const first = shell.prove(loginTo(host, keys));
  expect((await first).kind).toBe('proven');
  const second = shell.prove(loginTo(host, keys));
  // Four timers of the first login and what was still on its way there; connect, and then the turn.
  await clock.timersSet(7);
  expect(clock.fire()).toBe(4);
  expect((await second).kind).toBe('proven');
  clock.pass(8);
  const idle = shell.prove(loginTo(host, keys));
  expect((await idle).kind).toBe('proven');
  await expectNothingLeft();
});

test('a broken stream that comes after the proof was given is nobody’s fault', async () => {
  host = await listen(() => undefined);
  const socket = new Socket();
  const late = createRemoteShellOver({ clock, dial: () => socket.connect(host.port, '127.0.0.1') });
  const proof = late.prove(loginTo(host, keys));
  await clock.timersSet(2);
  clock.fire();
  expect((await proof).kind).toBe('timed_out');
  socket.emit('error', new Error('late'));
  await host.allClosed();
  expect(clock.pending).toBe(0);
});
