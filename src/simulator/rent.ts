import { hardwareOf } from './hardware.ts';
import { admits, listens, stalls } from './knock.ts';
import { boot } from './life.ts';
import { machineOf } from './machine.ts';
import { createMeter, NOTHING } from './meter.ts';
import type { Chance, RentOrder, RentResult, SimHost, SimInstance, SimMs } from './model.ts';
import { mapPorts } from './port-mapping.ts';
import { agreedRates, chargedRates } from './rates.ts';
import { addressOf, isReachable, type SshEndpoint, type SshGate } from './ssh-plane.ts';
import { answerAt, drawLoading, drawService } from './workloads.ts';
import { amend, creditOf, freeGpusOf, type InstanceRecord, type World } from './world.ts';

/** The first Vast.ai id; later ones are higher by a few, as contracts of other people lie between. */
const FIRST_VAST_ID = 54_540_011;
const MAX_ID_STEP = 23;

/** Takes the machine at once; the address follows as soon as the network has one. */
export async function rent(world: World, order: RentOrder): Promise<RentResult> {
  const host = world.hosts.get(order.hostId);
  const refusal = refuse(world, order, host);
  if (refusal || !host) return refusal ?? { kind: 'no_capacity' };
  const record = enrol(world, { order, host, createdAt: world.clock.now(), isForeign: false });
  boot(world, record);
  const { ports } = order;
  const gate = gateOf(world, record);
  const endpoint = await world.plane.open({ instance: record.view, ports, gate });
  if (record.view.state === 'gone') world.plane.close(record.view.id);
  else settleAt(world, record, endpoint);
  return { kind: 'rented', instance: record.view };
}

export interface Enrolment {
  readonly order: RentOrder;
  readonly host: SimHost;
  readonly createdAt: SimMs;
  readonly isForeign: boolean;
}

/** Writes a new tenant into the books. */
export function enrol(world: World, enrolment: Enrolment): InstanceRecord {
  const { order, host, createdAt, isForeign } = enrolment;
  const chance = world.chance.fork(`instance ${world.records.size + world.forgotten}`);
  const agreed = agreedRates(host, order);
  const { appearMs } = world.temper.listLag;
  const listedFrom = isForeign ? createdAt : createdAt + chance.int(0, appearMs);
  const view = newInstance({ ...enrolment, id: nextId(world, { host, chance }), listedFrom });
  const record: InstanceRecord = {
    view,
    agreed,
    meter: createMeter(createdAt, isForeign ? NOTHING : chargedRates(view, agreed)),
    chance,
    isForeign,
    keys: [],
    bootKeys: order.bootKeys,
    hostKey: '',
    isStranger: false,
    stallsUntil: 0,
    sshUpAt: null,
    service: drawService(world, host, chance.fork('service')),
    loadsForMs: drawLoading(order.container, chance.fork('loading')) * world.temper.bootScale,
    mapping: [],
    isQueued: false,
    source: order.driver,
    hardware: hardwareOf(view),
    driver: null,
    uses: isForeign ? 'rests' : chance.fork('uses').pick(world.temper.work),
    work: null,
    loads: [],
    lies: 0,
    pending: [],
  };
  world.records.set(view.id, record);
  const tenants = world.tenants.get(host.id) ?? new Set();
  world.tenants.set(host.id, tenants.add(record));
  return record;
}

/** Puts the instance on the map. Where nothing is forwarded, only the proxy leads to it, if there is one. */
export function settleAt(world: World, record: InstanceRecord, endpoint: SshEndpoint): void {
  const { host, port, proxyHost, proxyPort, hostKey } = endpoint;
  amend(record, { sshHost: host, sshPort: port, proxyHost, proxyPort });
  record.hostKey = hostKey;
  if (isReachable(record.view)) world.addresses.set(addressOf(endpoint), record);
  world.addresses.set(addressOf({ host: proxyHost, port: proxyPort }), record);
  mapPorts(world, record, endpoint.openPorts);
}

function refuse(
  world: World,
  order: RentOrder,
  host: SimHost | undefined,
): Exclude<RentResult, { readonly kind: 'rented' }> | undefined {
  if (!host || host.market !== order.market || host.nature === 'stale')
    return { kind: 'no_capacity' };
  if (creditOf(world, order.market) <= 0) return { kind: 'no_credit' };
  if (!fits(world, order, host)) return { kind: 'no_capacity' };
  const hasIp = host.dedicatedIps && world.temper.dedicatedIps;
  return order.dedicatedIp && !hasIp ? { kind: 'no_public_ip' } : undefined;
}

function fits(world: World, order: RentOrder, host: SimHost): boolean {
  const isOffered = host.offeredUntil > world.clock.now();
  const isEnough =
    order.vcpus <= host.vcpus && order.ramGb <= host.ramGb && order.diskGb <= host.diskGb;
  return isOffered && isEnough && order.gpuCount <= freeGpusOf(world, host.id);
}

function nextId(
  world: World,
  { host, chance }: { readonly host: SimHost; readonly chance: Chance },
): string {
  if (host.market === 'tensordock') return chance.uuid();
  const last = [...world.records.values()].findLast((record) => record.view.market === 'vastai');
  return String(last ? Number(last.view.id) + chance.int(1, MAX_ID_STEP) : FIRST_VAST_ID);
}

function newInstance(
  birth: Enrolment & { readonly id: string; readonly listedFrom: SimMs },
): SimInstance {
  const { order, host, createdAt } = birth;
  return {
    market: host.market,
    id: birth.id,
    label: order.label,
    host,
    gpuCount: order.gpuCount,
    vcpus: order.vcpus,
    ramGb: order.ramGb,
    diskGb: order.diskGb,
    image: order.image,
    madeBy: order.madeBy,
    createdAt,
    state: 'creating',
    stateSince: createdAt,
    runningSince: null,
    goneAt: null,
    endedBy: null,
    listedFrom: birth.listedFrom,
    listedUntil: Number.POSITIVE_INFINITY,
    deletingUntil: null,
    dedicatedIp: order.dedicatedIp,
    sshHost: '',
    sshPort: 0,
    proxyHost: '',
    proxyPort: 0,
    released: false,
    interruptible: order.interruptible,
    contractUntil: host.offeredUntil,
    stoppedFor: null,
    outbidAt: null,
    offlineSince: null,
    statusText: '',
    container: order.container,
    containerUpAt: null,
    onStart: order.onStart,
    openPorts: [],
  };
}

function gateOf(world: World, record: InstanceRecord): SshGate {
  const look = (): number => {
    world.agenda.runDue();
    return world.clock.now();
  };
  return {
    listens: () => listens(record, look()),
    stalls: () => stalls(record, look()),
    admits: (user, publicKey) => admits(record, { user, publicKey, now: look() }),
    visit: (port, path) => answerAt(record, { port, path, now: look() }),
    machine: () => machineOf(record, look()),
  };
}
