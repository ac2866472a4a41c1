import { json } from '../json.ts';
import type {
  Chance,
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

/** The first hostnode of the site with enough room: the scheduler trusts the same tables as the list, stale ones too. */
function placeFor({ market }: V2Context, { site, gpu, ...create }: CreateRequest): Placement {
  const atSite =
    site.kind === 'location'
      ? market.hosts('tensordock').filter((host) => !host.onlyV0 && host.locationId === site.id)
      : [tensordockHost(market, site.id)].filter((host) => host !== undefined);
  if (atSite.length === 0) {
    const what = site.kind === 'location' ? 'Location' : 'Hostnode';
    return { kind: 'refused', status: 404, text: `${what} not found` };
  }
  const wanted = { ...create, gpus: gpu.count };
  const host = atSite.find(
    (each) => each.gpu.v0Name === gpu.v0Name && fits(roomOn(market, each), wanted),
  );
  if (host !== undefined) return { kind: 'placed', host };
  return { kind: 'refused', status: 400, text: 'No available nodes found' };
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
    ports: create.dedicatedIp
      ? ownPorts(boot.container)
      : scattered(context, host, create.forwards),
  };
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
  return forwards
    .filter(({ internalPort, protocol }) => internalPort !== 22 && protocol === 'tcp')
    .flatMap(({ internalPort }) => {
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
