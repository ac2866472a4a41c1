import type { SimInstance } from '../model.ts';
import { computeOf, dollars } from './dollars.ts';
import { v0SystemOf } from './images.ts';
import { forwardsOf, type PortForward } from './port-forwards.ts';
import type { V0Context } from './v0-context.ts';

/** Dollars an hour, as v0 splits them. */
export interface Prices {
  readonly compute: number;
  readonly storage: number;
  readonly total: number;
}

/** A row of `POST /client/list`; prices are text here and `cost` is a number. */
export function listRow(context: V0Context, machine: SimInstance) {
  const prices = shownPrices(context, machine);
  return {
    city: machine.host.city,
    compute_price: prices.compute.toFixed(6),
    cost: prices.compute,
    country: machine.host.country,
    cpu_threadscount: machine.vcpus,
    dedicated_ip_address: machine.dedicatedIp ? addressOf(machine) : null,
    default_user: 'user',
    hostname: machine.id,
    hostnode: machine.host.id,
    ip_address: addressOf(machine),
    ...commonFields(machine),
    state: machine.host.region,
    storage_price: prices.storage.toFixed(6),
    total_price: prices.total.toFixed(6),
  };
}

/** What `POST /client/get/single` shows: fewer fields, and `hostname` is the address. */
export function singleView(context: V0Context, machine: SimInstance) {
  return {
    cost: shownPrices(context, machine).compute,
    hostname: addressOf(machine),
    hostnode: machine.host.id,
    ...commonFields(machine),
  };
}

function commonFields(machine: SimInstance) {
  return {
    location: machine.host.locationId,
    name: machine.label ?? '',
    operating_system: v0SystemOf(machine.image),
    port_forwards: portMap(forwardsOf(machine)),
    specs: {
      gpu: { amount: machine.gpuCount, type: machine.host.gpu.v0Name },
      ram: machine.ramGb,
      storage: machine.diskGb,
      vcpus: machine.vcpus,
    },
    status: statusOf(machine),
    timestamp_creation: new Date(machine.createdAt).toUTCString(),
    type: machine.interruptible ? 'spot' : 'ondem',
  };
}

/** The machine's own address or, before it has one, its host's: v0 tells it in the answer to the deployment. */
export function addressOf(machine: SimInstance): string {
  return machine.sshHost === '' ? machine.host.publicIp : machine.sshHost;
}

/** External port to internal port, the second as text. */
export function portMap(forwards: readonly PortForward[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    forwards.map((forward) => [String(forward.externalPort), String(forward.internalPort)]),
  );
}

/** What was ordered, at the host's rates; `gpuUsd` takes the place of the GPUs' price where a bid was made. */
export function orderedPrices(machine: SimInstance, gpuUsd: number | null): Prices {
  const { rates } = machine.host;
  const compute =
    (gpuUsd ?? rates.gpuHour * machine.gpuCount) +
    rates.vcpuHour * machine.vcpus +
    rates.ramGbHour * machine.ramGb;
  return pricesOf(compute, rates.storage * machine.diskGb);
}

/** A machine at rest without its GPUs shows the prices of running still in the documents' example; on its way there it runs, and shows what it is charged. */
function shownPrices({ market, quirks }: V0Context, machine: SimInstance): Prices {
  const rate = market.rate(machine.id);
  const isOnItsWay = machine.state === 'stopping' && machine.deletingUntil === null;
  const isAtRest = machine.released && !isOnItsWay;
  return isAtRest && quirks.v0ReleasedPriceAs === 'running'
    ? orderedPrices(machine, null)
    : pricesOf(computeOf(rate), rate.disk);
}

function pricesOf(compute: number, storage: number): Prices {
  return {
    compute: dollars(compute),
    storage: dollars(storage),
    total: dollars(compute + storage),
  };
}

/**
 * v0 has no word for a machine in error or on its way out: the first shows as stopped ("stopped immediately", fact
 * sheet §6), the second as it was.
 */
function statusOf(machine: SimInstance): string {
  switch (machine.state) {
    case 'creating':
    case 'loading':
      return 'Deploying';
    case 'running':
    case 'stopping':
    case 'gone':
      return 'Running';
    case 'broken':
      return 'Stopped';
    case 'stopped':
      return stoppedStatus(machine);
  }
}

function stoppedStatus(machine: SimInstance): string {
  if (machine.stoppedFor === 'outbid') return 'Outbid';
  return machine.released ? 'StoppedDisassociated' : 'Stopped';
}
