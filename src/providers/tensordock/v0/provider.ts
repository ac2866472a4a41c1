import type { BillingRule } from '../../../domain/billing.ts';
import { ProviderFailure } from '../../../domain/errors.ts';
import { type Offer, PRICE_PARTS } from '../../../domain/offer.ts';
import type { CallSubject, Provider } from '../../../ports/provider.ts';
import type { TransportParts } from '../../http-transport.ts';
import type { MachineSize } from '../listing.ts';
import {
  DRIVER_TIMEOUT_MS,
  LOGIN_TIMEOUT_MS,
  MARKETPLACE,
  READY_TIMEOUT_MS,
  SERVER_READY_TIMEOUT_MS,
  SETTLE_MS,
} from '../marketplace.ts';
import { isDeleted } from '../phase.ts';
import { chargesOver } from './charges.ts';
import { API, createV0Client, type TensordockV0Access, type V0Client } from './client.ts';
import { credentialCheck } from './credential-check.ts';
import { instantOffer } from './instant-vms.ts';
import type { InstantRow } from './instant-wire.ts';
import { launch } from './launch.ts';
import { offersAt } from './mapping.ts';
import { observation } from './observation.ts';
import { powerSwitch } from './power.ts';
import { spotDesk } from './spot-desk.ts';

export interface TensordockV0Config extends TensordockV0Access {
  /** E.g. `ubuntu2204`, or a name in this API's own spelling. */
  readonly defaultImage: string;
  readonly defaultVcpus: number;
  readonly defaultRamGb: number;
}

/**
 * "If the server is stopped without releasing the GPU, it will be billed at the same rate as a running server. If the GPU is
 * released, it will only be billed for the storage costs." (v0 document, Stop a VM)
 */
const BILLING: BillingRule = { created: PRICE_PARTS, running: PRICE_PARTS, stopped: ['disk'] };

/** The marketplace's old API: offers are hostnodes, and the renter picks the host and the port. */
export function createTensordockV0Provider(
  parts: TransportParts,
  config: TensordockV0Config,
): Provider {
  const client = createV0Client(parts, config);
  const credentials = credentialCheck(client.testPair);
  const spot = spotDesk(client, parts.clock);
  const defaults: MachineSize = { vcpus: config.defaultVcpus, ramGb: config.defaultRamGb };
  const clientFor = (about: CallSubject = {}): V0Client => client.about(about);
  return {
    api: API,
    name: MARKETPLACE,
    billing: BILLING,
    readyTimeoutMs: READY_TIMEOUT_MS,
    serverReadyTimeoutMs: SERVER_READY_TIMEOUT_MS,
    loginTimeoutMs: LOGIN_TIMEOUT_MS,
    driverTimeoutMs: DRIVER_TIMEOUT_MS,
    settleMs: SETTLE_MS,
    offers: async () => {
      await credentials.prove();
      const [hostnodes, instantVms] = await Promise.all([
        client.hostnodes(),
        instantVmsOf(client),
        spot.probe(),
      ]);
      const fetchedAt = parts.clock.now();
      const atHostnodes = hostnodes.flatMap((row) => offersAt(row, defaults, fetchedAt));
      const instant = instantVms.flatMap((row): Offer[] => instantOffer(row, fetchedAt));
      return [...spot.priced(atHostnodes), ...instant];
    },
    launch: (order) => {
      const { defaultImage } = config;
      const bound = clientFor({ tag: order.tag });
      return credentials.watch(launch({ client: bound, spot, defaultImage }, order));
    },
    grantAccess: async () => {},
    keysAtLaunchOnly: true,
    list: async () => {
      const machines = await credentials.watch(client.machines());
      return machines.filter(({ row }) => !isDeleted(row.status)).map(observation);
    },
    get: async (id, about) => {
      const machine = await clientFor(about).machine(id);
      return machine && !isDeleted(machine.row.status) ? observation(machine) : undefined;
    },
    terminate: (id, about) => clientFor(about).remove(id),
    power: powerSwitch(clientFor, spot),
    balance: () => client.balance(),
    charges: (window) => chargesOver(client, window),
  };
}

/** The menu does without them while their list cannot be read: the rest of it is as good as ever. */
async function instantVmsOf(client: V0Client): Promise<readonly InstantRow[]> {
  try {
    return await client.instantVms();
  } catch (error) {
    if (error instanceof ProviderFailure) return [];
    throw error;
  }
}
