import { Value } from '@sinclair/typebox/value';
import type { Endpoint, OpenPort } from '../../domain/instance.ts';
import { type InstanceRow, PortBindings } from './wire.ts';

export const SSH_PORT = 22;

/** TCP ports of the container that the machine maps to its own, SSH's aside. Which of its own they are is known once it runs. */
export function openPortsOf(row: InstanceRow): readonly OpenPort[] | undefined {
  if (!isRecord(row.ports)) return undefined;
  const found = Object.keys(row.ports)
    .map((key) => Number(/^(\d{1,5})\/tcp$/.exec(key)?.[1]))
    .filter((internal) => Number.isInteger(internal) && internal !== SSH_PORT)
    .flatMap((internal) => {
      const endpoint = endpointAt(row.public_ipaddr, publishedPort(row.ports, internal));
      return endpoint ? [{ internal, ...endpoint }] : [];
    });
  return found.length === 0 ? undefined : found;
}

/** The machine's port behind which the container's TCP port lies; both rows of a mapping, IPv4's and IPv6's, show the same. */
export function publishedPort(ports: unknown, internal: number): number | undefined {
  const bindings = isRecord(ports) ? ports[`${internal}/tcp`] : undefined;
  if (!Value.Check(PortBindings, bindings)) return undefined;
  const [first] = bindings;
  return first === undefined ? undefined : Number(first.HostPort);
}

/** Hosts arrive with spaces and line ends around them. */
export function endpointAt(
  host: string | null | undefined,
  port: number | undefined,
): Endpoint | undefined {
  const name = host?.trim() ?? '';
  if (!/^[A-Za-z0-9.:-]{1,253}$/.test(name) || port === undefined) return undefined;
  const isPort = Number.isInteger(port) && port >= 1 && port <= 65_535;
  return isPort ? { host: name, port } : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
