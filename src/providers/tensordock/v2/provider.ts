import type { LaunchOrder, LaunchReceipt, Provider } from '../../../ports/provider.ts';
import type { TransportParts } from '../../http-transport.ts';
import { isUnauthorized, lacksPorts, lacksPublicIp, notLaunchable } from '../launch-failures.ts';
import type { MachineSize } from '../listing.ts';
import {
  BILLING,
  MARKETPLACE,
  READY_TIMEOUT_MS,
  SERVER_READY_TIMEOUT_MS,
  SETTLE_MS,
} from '../marketplace.ts';
import { type OrderedMachine, orderedMachine } from '../ordered-machine.ts';
import { isDeleted } from '../phase.ts';
import { API, createV2Client, type TensordockV2Access, type V2Client } from './client.ts';
import {
  createAttributes,
  type LaunchData,
  launchData,
  listedObservation,
  type Network,
  offersAt,
  singleObservation,
} from './mapping.ts';

export interface TensordockV2Config extends TensordockV2Access {
  /** E.g. `ubuntu2204`. */
  readonly defaultImage: string;
  readonly defaultVcpus: number;
  readonly defaultRamGb: number;
}

/** The marketplace's present API: offers are locations, the provider picks the host. */
export function createTensordockV2Provider(
  parts: TransportParts,
  config: TensordockV2Config,
): Provider {
  const client = createV2Client(parts, config);
  const defaults: MachineSize = { vcpus: config.defaultVcpus, ramGb: config.defaultRamGb };
  return {
    api: API,
    name: MARKETPLACE,
    billing: BILLING,
    readyTimeoutMs: READY_TIMEOUT_MS,
    serverReadyTimeoutMs: SERVER_READY_TIMEOUT_MS,
    settleMs: SETTLE_MS,
    offers: async () => {
      const rows = await client.locations();
      const fetchedAt = parts.clock.now();
      return rows.flatMap((row) => offersAt(row, defaults, fetchedAt));
    },
    launch: (order) => launch(client, order, config.defaultImage),
    grantAccess: async () => {},
    list: async () => {
      const rows = await client.instances();
      return rows.filter((row) => !isDeleted(row.status)).map(listedObservation);
    },
    get: async (id) => {
      const row = await client.instance(id);
      return row && !isDeleted(row.status) ? singleObservation(row) : undefined;
    },
    terminate: (id) => client.remove(id),
    balance: async () => undefined,
  };
}

/**
 * A dedicated address where the site has them; where its pool turns out to be empty, the same site once more with a
 * forwarded port. The second call is no repetition of one that may have worked: the first was refused for certain. A
 * server has no second call: some sites take forwards and make none, and its port on a shared address could be a stranger's.
 */
async function launch(client: V2Client, order: LaunchOrder, image: string): Promise<LaunchReceipt> {
  const site = launchData(order.offer.adapterData);
  if (!site) throw notLaunchable('the offer does not say how to launch it');
  const machine = orderedMachine(order, image);
  const attempt = (network: Network) => create(client, site, { ...machine, network });
  if (!site.dedicatedIp) return attempt('forwarded_port');
  try {
    return await attempt('dedicated_ip');
  } catch (error) {
    if (!lacksPublicIp(error) || !site.portForwarding) throw error;
    if (order.workload.kind === 'entrypoint') throw lacksPorts('the site has no free address');
    return attempt('forwarded_port');
  }
}

/** A single 401 on a create has been seen while the same token worked elsewhere: it is asked once more, no sooner than the gate lets it. */
async function create(
  client: V2Client,
  site: LaunchData,
  machine: OrderedMachine & { readonly network: Network },
): Promise<LaunchReceipt> {
  const attributes = createAttributes(site, machine);
  try {
    return { id: await client.create(attributes) };
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return { id: await client.create(attributes) };
  }
}
