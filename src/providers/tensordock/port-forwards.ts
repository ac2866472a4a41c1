const SSH_PORT = 22;

/** Which external port leads to SSH; `none` when nothing is forwarded at all, `other` when only other ports are. */
export type SshForward =
  | { readonly kind: 'forwarded'; readonly port: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'other' };

/**
 * Reads every form in which forwards have been documented or seen: a list of `{internal_port, external_port}`
 * (v2, seen live), an object from external to internal port (v0 document), an object of such entries.
 */
export function sshForward(forwards: unknown): SshForward {
  if (typeof forwards !== 'object' || forwards === null) return { kind: 'none' };
  const entries = Object.entries(forwards);
  if (entries.length === 0) return { kind: 'none' };
  for (const entry of entries) {
    const port = externalPort(entry);
    if (port !== undefined) return { kind: 'forwarded', port };
  }
  return { kind: 'other' };
}

function externalPort([key, value]: [string, unknown]): number | undefined {
  if (typeof value === 'object' && value !== null) return portOfRecord(value);
  return portNumber(value) === SSH_PORT ? portNumber(key) : undefined;
}

function portOfRecord(record: object): number | undefined {
  if (!('internal_port' in record) || !('external_port' in record)) return undefined;
  return portNumber(record.internal_port) === SSH_PORT
    ? portNumber(record.external_port)
    : undefined;
}

function portNumber(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536
    ? port
    : undefined;
}
