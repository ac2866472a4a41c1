import { json } from '../json.ts';
import type {
  Chance,
  Marketplace,
  PortWish,
  RentOrder,
  SimContainer,
  SimHost,
  SimInstance,
  SimReply,
} from '../model.ts';
import { fits, roomOn, tensordockHost } from './capacity.ts';
import { firstBoot } from './first-boot.ts';
import { freePorts } from './port-forwards.ts';
import type { V2Context } from './v2-context.ts';
import { type CreateRequest, parseCreate } from './v2-create-request.ts';
import { createErrorReply, errorReply, plainIssue } from './v2-errors.ts';
import { perGpu } from './v2-hostnodes.ts';

/** `POST /instances`. */
export async function createInstance(context: V2Context): Promise<SimReply> {
  const { quirks, chance } = context;
  if (chance.hit(quirks.v2SporadicUnauthorized)) return errorReply(401, 'Unauthorized');
  const parsed = parseCreate(context.request.body);
  if (parsed.kind === 'invalid') return createErrorReply(quirks.v2ErrorsAs, 400, parsed.issues);
  const placed = placeFor(context, parsed.create);
  if (placed.kind === 'refused') return refusal(context, placed.status, placed.text);
  return deploy(context, placed.host, parsed.create);
}

type Placement =
  | { readonly kind: 'placed'; readonly host: SimHost }
  | { readonly kind: 'refused'; readonly status: number; readonly text: string };

function placeFor(context: V2Context, create: CreateRequest): Placement {
  switch (create.site.kind) {
    case 'location':
      return placeAtLocation(context.market, create);
    case 'hostnode':
      return placeAtHostnode(context, create);
  }
}

/** The first hostnode of the site with enough room: the scheduler trusts the same tables as the list, stale ones too. */
function placeAtLocation(market: Marketplace, create: CreateRequest): Placement {
  const atSite = market
    .hosts('tensordock')
    .filter((host) => !host.onlyV0 && host.locationId === create.site.id);
  if (atSite.length === 0) return { kind: 'refused', status: 404, text: 'Location not found' };
  const host = atSite.find((each) => hasRoom(market, each, create));
  return host === undefined ? NO_NODES : { kind: 'placed', host };
}

/** The renter picks the host, stays within what it gives a GPU, and takes ports that are free there. */
function placeAtHostnode({ market, quirks }: V2Context, create: CreateRequest): Placement {
  const host = tensordockHost(market, create.site.id);
  if (host === undefined || quirks.v2HostnodesAs === 'absent') {
    return { kind: 'refused', status: 404, text: 'Hostnode not found' };
  }
  if (!hasRoom(market, host, create)) return NO_NODES;
  const most = perGpu(host);
  const { count } = create.gpu;
  if (create.vcpus > most.vcpus * count || create.ramGb > most.ramGb * count) {
    return { kind: 'refused', status: 400, text: 'Insufficient capacity on hostnode' };
  }
  const taken = quirks.v2HostnodePortsAs === 'asked' ? takenPort(market, host, create) : undefined;
  return taken === undefined
    ? { kind: 'placed', host }
    : { kind: 'refused', status: 400, text: `Port ${taken} is not available on hostnode` };
}

const NO_NODES: Placement = { kind: 'refused', status: 400, text: 'No available nodes found' };

function hasRoom(market: Marketplace, host: SimHost, { gpu, ...create }: CreateRequest): boolean {
  const wanted = { ...create, gpus: gpu.count };
  return host.gpu.v0Name === gpu.v0Name && fits(roomOn(market, host), wanted);
}

function takenPort(
  market: Marketplace,
  host: SimHost,
  { forwards }: CreateRequest,
): number | undefined {
  const free = new Set(freePorts(market, host));
  return forwards.find(({ externalPort }) => !free.has(externalPort))?.externalPort;
}

async function deploy(context: V2Context, host: SimHost, create: CreateRequest): Promise<SimReply> {
  const result = await context.market.rent(orderOf(context, host, create));
  switch (result.kind) {
    case 'rented':
      return created(context.chance, result.instance);
    case 'no_public_ip':
      return refusal(context, 400, 'No available public IPs on hostnode');
    case 'no_credit':
      return refusal(context, 400, 'Insufficient balance: at least $1 is required to deploy');
    case 'no_capacity':
      return refusal(context, ...refusalAt(host));
  }
}

function orderOf(context: V2Context, host: SimHost, create: CreateRequest): RentOrder {
  const boot = firstBoot(create.runcmd, context.quirks.dockImageAs);
  return {
    market: 'tensordock',
    hostId: host.id,
    gpuCount: create.gpu.count,
    vcpus: create.vcpus,
    ramGb: create.ramGb,
    diskGb: create.diskGb,
    label: create.name,
    image: create.image,
    madeBy: 'tensordock-v2',
    dedicatedIp: create.dedicatedIp,
    interruptible: false,
    bid: null,
    bootKeys: boot.keys,
    container: boot.container,
    onStart: boot.onStart,
    driver: boot.driver,
    ports: create.dedicatedIp ? ownPorts(boot.container) : forwardedPorts(context, host, create),
  };
}

function forwardedPorts(context: V2Context, host: SimHost, create: CreateRequest): PortWish[] {
  const isAsked = create.site.kind === 'hostnode' && context.quirks.v2HostnodePortsAs === 'asked';
  return isAsked ? besidesSsh(create.forwards) : scattered(context, host, create.forwards);
}

/** SSH has a port of its own on each machine; the rest are the renter's wishes. */
function besidesSsh(forwards: CreateRequest['forwards']): CreateRequest['forwards'][number][] {
  return forwards.filter(({ internalPort, protocol }) => internalPort !== 22 && protocol === 'tcp');
}

/** On an address of its own whatever listens is reached; what will is what its container publishes. */
function ownPorts(container: SimContainer | null): PortWish[] {
  return (container?.ports ?? []).map((internalPort) => ({ internalPort, externalPort: null }));
}

/** Whatever external ports were asked for, others are given (fact sheet §5). */
function scattered(
  { market, chance }: V2Context,
  host: SimHost,
  forwards: CreateRequest['forwards'],
): PortWish[] {
  const free = new Set(freePorts(market, host));
  return besidesSsh(forwards).flatMap(({ internalPort }) => {
    if (free.size === 0) return [];
    const externalPort = chance.pick([...free]);
    free.delete(externalPort);
    return [{ internalPort, externalPort }];
  });
}

/** Never an address, and `running` may be said long before anything answers. */
function created(chance: Chance, { id, label }: SimInstance): SimReply {
  const status = chance.pick(['running', 'creating']);
  return json(chance.pick([200, 201]), {
    data: { type: 'virtualmachine', id, name: label, status },
  });
}

/** Where the live runs met the third text (fact sheet §4 and §8). */
const CITIES_WITH_UNEXPECTED_ERRORS = ['Ottawa', 'Winnipeg'];

function refusalAt(host: SimHost): readonly [status: number, text: string] {
  return CITIES_WITH_UNEXPECTED_ERRORS.includes(host.city)
    ? [500, 'unexpected error during deployment']
    : [400, 'No available nodes found'];
}

function refusal({ quirks }: V2Context, status: number, text: string): SimReply {
  return createErrorReply(quirks.v2ErrorsAs, status, [plainIssue(text)]);
}
