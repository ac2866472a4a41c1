import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext } from 'ssh2';
import type { SimClock } from './model.ts';
import { serveSession } from './real-ssh-session.ts';
import type { SshGate } from './ssh-plane.ts';

export interface LoginParts {
  readonly clock: SimClock;
  readonly gate: SshGate;
}

/** One connection: only the public-key method, and only keys that the market says work at this moment. */
export function serveLogin(client: Connection, { clock, gate }: LoginParts): void {
  let user = '';
  client.on('authentication', (context) => {
    if (!isAllowed(context, gate)) return context.reject(['publickey']);
    user = context.username;
    context.accept();
  });
  client.on('session', (accept) => {
    serveSession(accept(), { clock, look: () => ({ machine: gate.machine(), user }) });
  });
  // Probes and port scans break off in the handshake; that is no news for a simulator.
  client.on('error', () => {});
}

function isAllowed(context: AuthContext, gate: SshGate): boolean {
  if (context.method !== 'publickey') return false;
  const publicKey = toOpenSshLine(context.key.data);
  if (publicKey === undefined || !gate.admits(context.username, publicKey)) return false;
  return isQuery(context) || isSignedWith(publicKey, context);
}

/** A client may ask first whether a key would do (RFC 4252, section 7). */
function isQuery(context: PublicKeyAuthContext): boolean {
  return context.signature === undefined;
}

function isSignedWith(publicKey: string, context: PublicKeyAuthContext): boolean {
  const { blob, signature, hashAlgo } = context;
  const key = ssh2.utils.parseKey(publicKey);
  if (key instanceof Error || blob === undefined || signature === undefined) return false;
  return key.verify(blob, signature, hashAlgo) === true;
}

/** The key's type stands in its blob; what the request calls it may be a signature algorithm instead. */
function toOpenSshLine(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1');
  return `${type} ${blob.toString('base64')}`;
}
