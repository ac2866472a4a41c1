import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import type { Login } from '../../src/ports/remote-shell.ts';
import { fingerprintOf } from '../../src/ssh/fingerprint.ts';

export interface TestHost {
  readonly port: number;
  /** Resolves when every connection that was ever made has ended. */
  allClosed(): Promise<void>;
  close(): Promise<void>;
}

/** A TCP server on loopback that does with each connection what the test says, and counts them. */
export async function listen(onSocket: (socket: Socket) => void): Promise<TestHost> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    // A socket that is not read does not notice that the other side has gone.
    socket.resume();
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    allClosed: async () => {
      for (const socket of open) await closed(socket);
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

export type OnExec = (channel: ServerChannel, command: string) => void;

export interface SshBehaviour {
  /** Undefined leaves the request unanswered. */
  readonly acceptsKey: (blob: Buffer) => boolean | undefined;
  readonly onExec?: OnExec;
  /** Called when a signature was asked for and given. */
  readonly onSigned?: () => void;
}

const HOST_KEY = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
export const HOST_FINGERPRINT = fingerprintOf(HOST_KEY.public);

/** A real SSH server on loopback. */
export function listenSsh(behaviour: SshBehaviour): Promise<TestHost> {
  const server = new ssh2.Server({ hostKeys: [HOST_KEY.private] });
  server.on('connection', (connection) => serve(connection, behaviour));
  return listen((socket) => server.injectSocket(socket));
}

export function loginTo(
  host: { readonly port: number },
  keys: Omit<Login, 'host' | 'port' | 'user'>,
): Login {
  return { host: '127.0.0.1', port: host.port, user: 'root', ...keys };
}

function serve(connection: Connection, behaviour: SshBehaviour): void {
  connection.on('error', () => undefined);
  connection.on('authentication', (context) => {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    const isAccepted = behaviour.acceptsKey(context.key.data);
    if (isAccepted === undefined) return;
    if (!isAccepted) return context.reject(['publickey']);
    if (context.signature) behaviour.onSigned?.();
    context.accept();
  });
  connection.on('session', (accept) => {
    accept().on('exec', (acceptExec, _reject, info) => {
      behaviour.onExec?.(acceptExec(), info.command);
    });
  });
}

/** Unlike `once`, does not mind that a socket is reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
  });
}

function portOf(server: Server): number {
  const address = server.address() as AddressInfo;
  return address.port;
}
