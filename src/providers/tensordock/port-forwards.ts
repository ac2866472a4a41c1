import type { OpenPort } from '../../domain/instance.ts';

export const SSH_PORT = 22;

/** Which external port leads to SSH; `none` when nothing is forwarded at all, `other` when only other ports are. */
export type SshForward =
  | { readonly kind: 'forwarded'; readonly port: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'other' };

interface Forward {
  readonly internal: number;
  readonly external: number;
}

export function sshForward(shown: unknown): SshForward {
  const forwards = readForwards(shown);
  const ssh = forwards.find((forward) => forward?.internal === SSH_PORT);
  if (ssh) return { kind: 'forwarded', port: ssh.external };
  return { kind: forwards.length === 0 ? 'none' : 'other' };
}

/** Where the forwarded ports besides SSH's are reached, on the address that they are forwarded from. */
export function openPortsAt(host: string, shown: unknown): OpenPort[] {
  return readForwards(shown)
    .filter((forward) => forward !== undefined)
    .filter((forward) => forward.internal !== SSH_PORT)
    .map(({ internal, external }) => ({ internal, host, port: external }));
}

/**
 * Reads every form in which forwards have been documented or seen: a list of `{internal_port, external_port}`
 * (v2, seen live), an object from external to internal port (v0 document), an object of such entries. Undefined
 * stands for what is not a forward of TCP.
 */
function readForwards(shown: unknown): (Forward | undefined)[] {
  return typeof shown === 'object' && shown !== null ? Object.entries(shown).map(forwardIn) : [];
}

function forwardIn([key, value]: [string, unknown]): Forward | undefined {
  if (typeof value !== 'object' || value === null) return forwardOf(value, key);
  const isUdp = 'protocol' in value && value.protocol === 'udp';
  if (isUdp || !('internal_port' in value) || !('external_port' in value)) return undefined;
  return forwardOf(value.internal_port, value.external_port);
}

function forwardOf(inside: unknown, outside: unknown): Forward | undefined {
  const internal = portNumber(inside);
  const external = portNumber(outside);
  return internal === undefined || external === undefined ? undefined : { internal, external };
}

function portNumber(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536
    ? port
    : undefined;
}
