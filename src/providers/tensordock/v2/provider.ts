import type { BillingRule } from '../../../domain/billing.ts';
import { PRICE_PARTS } from '../../../domain/offer.ts';
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
import { createV0Client } from '../v0/client.ts';
import { type AccountDesk, accountDesk } from './account-desk.ts';
import type { TensordockV2Access } from './calls.ts';
import { API, createV2Client, type V2Client } from './client.ts';
import { createDiscovery } from './discovery.ts';
import { createHostTrust } from './host-trust.ts';
import { launch } from './launch.ts';
import { listedObservation, singleObservation } from './mapping.ts';
import { createV2Power } from './power.ts';
import { offersAt } from './sites.ts';
import { createTokenCheck } from './token-check.ts';

export interface TensordockV2Config extends TensordockV2Access {
  /** E.g. `ubuntu2204`. */
  readonly defaultImage: string;
  readonly defaultVcpus: number;
  readonly defaultRamGb: number;
  /** Set where the old API is to tell balance and charges, which the new one does not; it needs the authorization id. */
  readonly asksOldApi?: true;
}

/**
 * Whole from creation to end, stopped or not: no document knows of a stop on v2 that gives the GPUs back. Should the rate
 * that a stopped machine shows be lower, the ledger follows it.
 */
const BILLING: BillingRule = {
  created: PRICE_PARTS,
  running: PRICE_PARTS,
  stopped: PRICE_PARTS,
  isSumOfNow: true,
};

/** The marketplace's present API: an offer is a location, and the host there that has what is asked for, where one shows it. */
export function createTensordockV2Provider(
  parts: TransportParts,
  config: TensordockV2Config,
): Provider {
  const client = createV2Client(parts, config);
  const defaults: MachineSize = { vcpus: config.defaultVcpus, ramGb: config.defaultRamGb };
  const trust = createHostTrust(parts.clock);
  const discovery = createDiscovery({ client, clock: parts.clock, trust });
  const desk = deskOf(parts, config);
  const token = createTokenCheck(client.checkToken);
  const clientFor = (about: CallSubject = {}): V2Client => client.about(about);
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
      const seen = await discovery.read();
      await token.confirm();
      return offersAt(seen, defaults);
    },
    launch: (order) => {
      const parts = { client: clientFor({ tag: order.tag }), image: config.defaultImage, trust };
      return token.watch(launch(parts, order));
    },
    grantAccess: async () => {},
    keysAtLaunchOnly: true,
    list: async () => {
      const rows = await token.watch(client.instances());
      return rows.filter((row) => !isDeleted(row.status)).map(listedObservation);
    },
    get: async (id, about) => {
      const row = await token.watch(clientFor(about).instance(id));
      return row && !isDeleted(row.status) ? singleObservation(row) : undefined;
    },
    terminate: (id, about) => clientFor(about).remove(id),
    power: createV2Power(clientFor),
    balance: async () => desk?.balance(),
    ...(desk ? { charges: (window) => desk.charges(window), chargesMayMiss: true } : {}),
  };
}

function deskOf(parts: TransportParts, config: TensordockV2Config): AccountDesk | undefined {
  const { asksOldApi, authId, apiToken, baseUrl } = config;
  if (!asksOldApi || authId === undefined) return undefined;
  return accountDesk(createV0Client(parts, { authId, apiToken, baseUrl }), parts.clock);
}
