import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { bindLoopback, LOOPBACK } from './loopback.ts';
import type { SimClock } from './model.ts';
import { openRealPort } from './real-port.ts';
import { serveLogin } from './real-ssh-login.ts';
import type { SshEndpoint, SshOpening, SshPlane } from './ssh-plane.ts';

export interface RealSshPlane extends SshPlane {
  /** Ends every login and listener. */
  closeAll(): void;
}

/** ssh2's generator now and then writes an ed25519 key that its own parser refuses. */
const MAX_KEY_TRIES = 20;

/**
 * Real SSH servers on loopback, one an instance, on ports that the system picks. Nothing of this machine can be
 * reached through them: logins end in a shell that only pretends.
 */
export function realSshPlane(clock: SimClock): RealSshPlane {
  const listeners = new Map<string, Listener>();
  const close = (id: string): void => {
    listeners.get(id)?.close();
    listeners.delete(id);
  };
  return {
    async open({ instance, ports, gate }: SshOpening) {
      const listener = await listen(clock, { ports, gate });
      listeners.set(instance.id, listener);
      return listener.endpoint;
    },
    hangUp: (id) => listeners.get(id)?.hangUp(),
    rekey: (id) => listeners.get(id)?.rekey() ?? '',
    close,
    closeAll() {
      for (const id of [...listeners.keys()]) close(id);
    },
  };
}

interface Listener {
  readonly endpoint: SshEndpoint;
  rekey(): string;
  hangUp(): void;
  close(): void;
}

async function listen(
  clock: SimClock,
  { ports, gate }: Pick<SshOpening, 'ports' | 'gate'>,
): Promise<Listener> {
  const serve = ({ privateKey }: HostKey) =>
    new ssh2.Server({ hostKeys: [privateKey], ident: 'OpenSSH_8.9p1' }, (client) =>
      serveLogin(client, { clock, gate }),
    );
  const firstKey = drawRealHostKey();
  let ssh = serve(firstKey);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that breaks off is its own affair; without a listener it would end the process.
    socket.on('error', () => {});
    if (gate.stalls()) return;
    if (gate.listens()) ssh.injectSocket(socket);
    else socket.destroy();
  });
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const port = await bindLoopback(server);
  const services = await Promise.all(
    ports.map(({ internalPort }) => openRealPort(gate, internalPort)),
  );
  const openPorts = services.map(({ openPort }) => openPort);
  const address = { host: LOOPBACK, port, proxyHost: LOOPBACK, proxyPort: port };
  return {
    endpoint: { ...address, hostKey: firstKey.fingerprint, openPorts },
    rekey() {
      const key = drawRealHostKey();
      ssh = serve(key);
      return key.fingerprint;
    },
    hangUp() {
      hangUp();
      for (const service of services) service.hangUp();
    },
    close() {
      server.close();
      hangUp();
      for (const service of services) service.close();
    },
  };
}

interface HostKey {
  readonly privateKey: string;
  readonly fingerprint: string;
}

function drawRealHostKey(): HostKey {
  for (let tries = 0; tries < MAX_KEY_TRIES; tries += 1) {
    const { private: privateKey } = ssh2.utils.generateKeyPairSync('ed25519');
    const parsed = ssh2.utils.parseKey(privateKey);
    if (parsed instanceof Error) continue;
    return { privateKey, fingerprint: fingerprintOf(parsed.getPublicSSH()) };
  }
  throw new Error('no usable host key was generated');
}

function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`;
}
