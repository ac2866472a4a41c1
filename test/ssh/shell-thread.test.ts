import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveShell } from '../../src/ssh/serve-shell.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import { createShellThread, type ShellThread } from '../../src/ssh/shell-thread.ts';
import { HOST_FINGERPRINT, listen, listenSsh, loginTo, type TestHost } from './ssh-host.ts';
import { SteppedClock } from './stepped-clock.ts';

const keys = createKeys(Buffer.alloc(32, 1)).generate('session');
const keyBlob = Buffer.from(keys.publicKey.split(' ')[1] ?? '', 'base64');
/** As it is in the source: what reads TypeScript for the tests does not reach into threads by itself. */
const PROGRAM = `import('tsx/esm/api').then(({ tsImport }) =>
  tsImport('./src/ssh-worker.ts', ${JSON.stringify(new URL('../../', import.meta.url).href)}))`;

/** Of a service that may not set priorities, as under `SystemCallFilter=~@resources`. */
const FORBIDDEN = `require('node:os').setPriority = () => { throw new Error('EPERM'); };
  require('node:module').syncBuiltinESMExports();`;

let clock: SteppedClock;
let thread: ShellThread;
let started: Worker[];
let faults: unknown[];
/** Runs in the thread before the program. */
let before: string;
const hosts: TestHost[] = [];
beforeEach(() => {
  clock = new SteppedClock();
  started = [];
  faults = [];
  before = '';
  thread = createShellThread({
    clock,
    start: () => {
      const worker = new Worker(`${before}${PROGRAM}`, { eval: true });
      started.push(worker);
      return worker;
    },
    onFault: (error) => faults.push(error),
  });
});
afterEach(async () => {
  await thread.close();
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

async function welcomingHost(): Promise<TestHost> {
  const host = await listenSsh({
    acceptsKey: (blob) => blob.equals(keyBlob),
    onExec: (channel) => {
      channel.exit(0);
      channel.end();
    },
  });
  hosts.push(host);
  return host;
}

/** A machine that takes connections and says nothing. */
async function silentHost(): Promise<TestHost> {
  const host = await listen(() => undefined);
  hosts.push(host);
  return host;
}

describe('the thread that logs in', () => {
  test('proves and reads many machines at once, and begins when there is one', async () => {
    expect(started).toEqual([]);
    const host = await welcomingHost();
    const login = loginTo(host, keys);
    const proofs = Array.from({ length: 20 }, () => thread.prove(login));
    const looks = Array.from({ length: 5 }, () => thread.inspect(login, 20_000));
    for (const proof of await Promise.all(proofs)) {
      expect(proof).toEqual({ kind: 'proven', hostKey: HOST_FINGERPRINT });
    }
    for (const look of await Promise.all(looks)) expect(look.kind).toBe('logged_in');
    expect(started).toHaveLength(1);
    expect(clock.pending).toBe(0);
    expect(faults).toEqual([]);
  });

  test('tells what it was doing as a login that failed when it ends, and is followed by another one', async () => {
    const host = await welcomingHost();
    await thread.prove(loginTo(host, keys));
    const unanswered = thread.prove(loginTo(await silentHost(), keys));
    await started[0]?.terminate();
    expect(await unanswered).toEqual({ kind: 'unreachable', phase: 'connect' });
    expect(faults).toHaveLength(1);
    expect((await thread.prove(loginTo(host, keys))).kind).toBe('proven');
    expect(started).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test('can be asked to be there, and says in a sentence when there is none to be had', async () => {
    await thread.start();
    expect(started).toHaveLength(1);
    const absent = createShellThread({
      clock,
      start: () => new Worker('throw new Error("no such program")', { eval: true }),
      onFault: (error) => faults.push(error),
    });
    await expect(absent.start()).rejects.toThrow('The thread that logs in does not start.');
    expect(faults).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test('answers an order that it cannot carry out, and goes on with the others', async () => {
    const { port1, port2 } = new MessageChannel();
    serveShell(port1, {
      prove: async () => {
        throw new Error('a fault of ours');
      },
      inspect: async () => ({ kind: 'key_accepted' }),
    });
    const login = { host: '192.0.2.1', port: 22, user: 'root', publicKey: keys.publicKey };
    const replies: unknown[] = [];
    const both = new Promise<void>((resolve) => {
      port2.on('message', (reply) => {
        if (replies.push(reply) === 2) resolve();
      });
    });
    port2.postMessage({ id: 1, kind: 'prove', login });
    port2.postMessage({ id: 2, kind: 'inspect', login, deadlineMs: 1_000 });
    await both;
    port1.close();
    expect(replies).toEqual([
      { id: 1, kind: 'fault' },
      { id: 2, kind: 'inspect', outcome: { kind: 'key_accepted' } },
    ]);
  });

  test('is not waited for for longer than a login may take', async () => {
    const late = thread.inspect(loginTo(await silentHost(), keys), 5_000);
    expect(clock.fire()).toBe(15_000);
    expect(await late).toEqual({ kind: 'unreachable', phase: 'connect' });
    expect(faults).toEqual([]);
  });

  test('logs in where it is not let have a lower priority', async () => {
    before = FORBIDDEN;
    const proof = await thread.prove(loginTo(await welcomingHost(), keys));
    expect(proof.kind).toBe('proven');
    expect(faults).toEqual([]);
  });

  test('leaves nothing when it is closed', async () => {
    const unanswered = thread.prove(loginTo(await silentHost(), keys));
    await thread.close();
    expect(await unanswered).toEqual({ kind: 'unreachable', phase: 'connect' });
    expect(faults).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
