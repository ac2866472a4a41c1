import type { BillingRule } from '../../domain/billing.ts';
import { ProviderFailure } from '../../domain/errors.ts';
import type { ProviderInstanceId } from '../../domain/ids.ts';
import type { Observation } from '../../domain/instance.ts';
import { microUsd } from '../../domain/money.ts';
import type { Offer } from '../../domain/offer.ts';
import { compareVersions } from '../../domain/offer-filter.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import type { CallSubject, LaunchOrder, LaunchReceipt, Provider } from '../../ports/provider.ts';
import type { TransportParts } from '../http-transport.ts';
import { readAllCharges } from './charges.ts';
import { createVastaiClient, type VastaiAccess, type VastaiClient } from './client.ts';
import { creditWatch } from './credit-watch.ts';
import { readAllInstances } from './instance-pages.ts';
import { launchBody } from './launch-body.ts';
import { askIdOf, offerOf, VASTAI } from './mapping.ts';
import { observationOf, type Reading } from './observation.ts';
import { type OfferWalk, offerWalk } from './offer-walk.ts';
import { createOwnStarts } from './own-starts.ts';
import { vastaiPower } from './power.ts';
import {
  DRIVER_TIMEOUT_MS,
  LOGIN_TIMEOUT_MS,
  READY_TIMEOUT_MS,
  SERVER_READY_TIMEOUT_MS,
} from './start-up.ts';
import { vastaiTemplates } from './templates.ts';

export interface VastaiConfig extends VastaiAccess {
  /** What a machine to log in to runs; without one, a small CUDA image that suits its driver. */
  readonly image?: string;
  /** How old a row of the market may become before it is dropped, in milliseconds. */
  readonly offersMaxAgeMs?: number;
}

/** The GPU is charged while the container runs, the disk from the contract's start to its end. */
const BILLING: BillingRule = {
  created: ['disk'],
  running: ['gpu', 'disk'],
  stopping: ['disk'],
  stopped: ['disk'],
  // Neither GPU nor disk "while host offline" (facts §13.4).
  away: [],
};

/** The list can lag behind a launch by one to two minutes. */
const SETTLE_MS = 3 * MINUTE_MS;

/** As `INVENTORY_MAX_AGE` is by default. */
const OFFERS_MAX_AGE_MS = 10 * MINUTE_MS;

/** A container asks for at least its own CUDA version from the host's driver, or it does not start. */
const IMAGE_CUDA = '12.4';
const DEFAULT_IMAGE = 'nvidia/cuda:12.4.1-base-ubuntu22.04';
const OLDER_DRIVER_IMAGE = 'nvidia/cuda:11.8.0-base-ubuntu22.04';

export function createVastaiProvider(parts: TransportParts, config: VastaiConfig): Provider {
  const client = createVastaiClient(parts, config);
  const starts = createOwnStarts(() => parts.clock.now());
  const walk = offerWalk(client, {
    now: () => parts.clock.now(),
    keptMs: config.offersMaxAgeMs ?? OFFERS_MAX_AGE_MS,
  });
  const credit = creditWatch(client, () => parts.clock.now());
  const { startedAt } = starts;
  const reading = (): Reading => ({ now: parts.clock.now(), redact: client.redact, startedAt });
  const clientFor = (about: CallSubject = {}): VastaiClient => client.about(about);
  return {
    api: VASTAI,
    name: VASTAI,
    billing: BILLING,
    readyTimeoutMs: READY_TIMEOUT_MS,
    serverReadyTimeoutMs: SERVER_READY_TIMEOUT_MS,
    loginTimeoutMs: LOGIN_TIMEOUT_MS,
    driverTimeoutMs: DRIVER_TIMEOUT_MS,
    settleMs: SETTLE_MS,
    offers: async () => {
      const found = await walk.refresh();
      return found.flatMap(({ row, seenAt }) => offerOf(row, seenAt) ?? []);
    },
    launch: (order) => launch({ client: clientFor({ tag: order.tag }), walk }, order, config.image),
    grantAccess: (id, publicKey, about) => clientFor(about).attachKey(id, publicKey),
    list: async () => (await readAllInstances(client, reading)).map(credit.explain),
    get: async (id, about) => {
      const observation = await getInstance(clientFor(about), id, reading);
      return observation && credit.explain(observation);
    },
    terminate: (id, about) => clientFor(about).destroy(id),
    power: vastaiPower(clientFor, starts),
    balance: async () => {
      const creditUsd = await credit.read();
      return creditUsd === undefined ? undefined : { amount: microUsd(creditUsd) };
    },
    charges: (window) => readAllCharges(client, window),
    templates: vastaiTemplates(client),
  };
}

interface LaunchParts {
  readonly client: VastaiClient;
  readonly walk: OfferWalk;
}

async function launch(
  { client, walk }: LaunchParts,
  order: LaunchOrder,
  image: string | undefined,
): Promise<LaunchReceipt> {
  const askId = askIdOf(order.offer);
  if (askId === undefined) {
    throw new ProviderFailure({
      kind: 'invalid',
      outcome: 'not_done',
      detail: 'the offer was not made by this provider',
    });
  }
  walk.asked(order.offer.gpuType);
  try {
    const id = await client.create(askId, launchBody(order, image ?? imageFor(order.offer)));
    walk.rented(askId);
    return { id };
  } catch (error) {
    // For a bid that is too low others may still rent it.
    const isGone = error instanceof ProviderFailure && error.kind === 'no_capacity';
    if (isGone && order.bidPerHour === undefined) walk.gone(askId);
    throw error;
  }
}

function imageFor({ cudaVersion }: Offer): string {
  return cudaVersion !== undefined && compareVersions(cudaVersion, IMAGE_CUDA) < 0
    ? OLDER_DRIVER_IMAGE
    : DEFAULT_IMAGE;
}

async function getInstance(
  client: VastaiClient,
  id: ProviderInstanceId,
  reading: () => Reading,
): Promise<Observation | undefined> {
  const row = await client.instance(id);
  if (row === undefined) return undefined;
  const observation = observationOf(row, reading());
  if (observation?.id === id) return observation;
  throw new ProviderFailure({
    kind: 'malformed',
    outcome: 'not_done',
    detail: 'the instance that was sent is not the one that was asked for',
  });
}
