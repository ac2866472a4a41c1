import type { Observation } from '../../../domain/instance.ts';
import { LOGIN_USER } from '../marketplace.ts';
import { phaseOf, reasonOf } from '../phase.ts';
import { openPortsAt, SSH_PORT, sshForward } from '../port-forwards.ts';
import { hourlyRate, instant, reachableHost } from '../wire-values.ts';
import type { Machine, MachineRow } from './wire.ts';

/** A row of the list or a single answer. */
export function observation({ id, row }: Machine): Observation {
  const createdAt = instant(row.timestamp_creation);
  const phase = phaseOf(row.status);
  return {
    id,
    tag: row.name ?? undefined,
    phase,
    ...reasonOf(row.status),
    ...restOf(row.status),
    ...contractOf(row),
    ...addressOf(row),
    ...(phase === 'running' ? portsOf(row) : {}),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...rateOf(row),
  };
}

/** Stopped, and its GPUs are not held for it any more: its disk alone is billed. */
export function isReleased(status: string): boolean {
  return ['stoppeddisassociated', 'outbid'].includes(status.trim().toLowerCase());
}

/** How a stopped machine rests. Without the word that its GPUs were given back it is billed as if it ran. */
function restOf(status: string): Pick<Observation, 'holdsGpus' | 'stopCause'> {
  if (phaseOf(status) !== 'stopped') return {};
  if (!isReleased(status)) return { holdsGpus: true };
  return status.trim().toLowerCase() === 'outbid' ? { stopCause: 'outbid' } : {};
}

function contractOf({ type }: MachineRow): Pick<Observation, 'interruptible'> {
  if (type === 'spot') return { interruptible: true };
  return type === 'ondem' ? { interruptible: false } : {};
}

/** What a machine without its GPUs shows is the price that it had in one document, and nobody knows which live. */
function rateOf(row: MachineRow): Pick<Observation, 'totalPerHour'> {
  const total = isReleased(row.status) ? undefined : totalRate(row);
  return total === undefined ? {} : { totalPerHour: total };
}

/** `cost` is not read: in the documented list it is the compute price alone, without the storage that is billed too. */
function totalRate(row: MachineRow): number | undefined {
  const whole = hourlyRate(row.total_price) ?? hourlyRate(row.rate_hourly);
  if (whole !== undefined) return whole;
  const compute = hourlyRate(row.compute_price);
  const storage = hourlyRate(row.storage_price);
  return compute === undefined || storage === undefined ? undefined : compute + storage;
}

function addressOf(row: MachineRow): Pick<Observation, 'address'> {
  const user = row.default_user || LOGIN_USER;
  const ownHost = ownHostOf(row);
  if (ownHost !== undefined) return { address: { host: ownHost, port: SSH_PORT, user } };
  const host = sharedHostOf(row);
  const forward = sshForward(row.port_forwards);
  return host !== undefined && forward.kind === 'forwarded'
    ? { address: { host, port: forward.port, user } }
    : {};
}

function portsOf(row: MachineRow): Pick<Observation, 'openPorts' | 'ownHost'> {
  const ownHost = ownHostOf(row);
  if (ownHost !== undefined) return { ownHost };
  const host = sharedHostOf(row);
  return host === undefined ? {} : { openPorts: openPortsAt(host, row.port_forwards) };
}

function ownHostOf(row: MachineRow): string | undefined {
  return reachableHost(row.dedicated_ip_address);
}

function sharedHostOf(row: MachineRow): string | undefined {
  const shown = [row.ip_address, row.ip, row.hostname].map(reachableHost);
  return shown.find((host) => host !== undefined);
}
