import { microUsd } from '../../../domain/money.ts';
import type { LaunchOrder, Provider } from '../../../ports/provider.ts';
import type { TransportParts } from '../../http-transport.ts';
import { externalPortsFor } from '../free-ports.ts';
import { lacksPorts, notLaunchable } from '../launch-failures.ts';
import type { MachineSize } from '../listing.ts';
import {
  BILLING,
  MARKETPLACE,
  READY_TIMEOUT_MS,
  SERVER_READY_TIMEOUT_MS,
  SETTLE_MS,
} from '../marketplace.ts';
import { orderedMachine } from '../ordered-machine.ts';
import { isDeleted } from '../phase.ts';
import { API, createV0Client, type TensordockV0Access } from './client.ts';
import { deployForm, launchData, observation, offersAt } from './mapping.ts';

export interface TensordockV0Config extends TensordockV0Access {
  /** E.g. `ubuntu2204`, or a name in this API's own spelling. */
  readonly defaultImage: string;
  readonly defaultVcpus: number;
  readonly defaultRamGb: number;
}

/** The marketplace's old API: offers are hostnodes, and the renter picks the host and the port. */
export function createTensordockV0Provider(
  parts: TransportParts,
  config: TensordockV0Config,
): Provider {
  const client = createV0Client(parts, config);
  const defaults: MachineSize = { vcpus: config.defaultVcpus, ramGb: config.defaultRamGb };
  return {
    api: API,
    name: MARKETPLACE,
    billing: BILLING,
    readyTimeoutMs: READY_TIMEOUT_MS,
    serverReadyTimeoutMs: SERVER_READY_TIMEOUT_MS,
    settleMs: SETTLE_MS,
    offers: async () => {
      const hostnodes = await client.hostnodes();
      const fetchedAt = parts.clock.now();
      return hostnodes.flatMap((hostnode) => offersAt(hostnode, defaults, fetchedAt));
    },
    launch: async (order) => ({ id: await client.deploy(formFor(order, config.defaultImage)) }),
    grantAccess: async () => {},
    list: async () => {
      const machines = await client.machines();
      return machines.filter(({ row }) => !isDeleted(row.status)).map(observation);
    },
    get: async (id) => {
      const machine = await client.machine(id);
      return machine && !isDeleted(machine.row.status) ? observation(machine) : undefined;
    },
    terminate: (id) => client.remove(id),
    balance: async () => microUsd(await client.balance()),
  };
}

function formFor(order: LaunchOrder, image: string): Record<string, string> {
  const site = launchData(order.offer.adapterData);
  if (!site) throw notLaunchable('the offer does not say how to launch it');
  const machine = orderedMachine(order, image);
  const freePorts = site.ports.split(',').map(Number);
  const externalPorts = externalPortsFor(order.tag, freePorts, 1 + machine.ports.length);
  if (!externalPorts) throw lacksPorts('the host has not that many free ports');
  return deployForm(site, { ...machine, externalPorts });
}
