import type { Agenda } from './agenda.ts';
import type { Hardware } from './hardware.ts';
import type { DriverCourse, Mishap, MsRange, PastMishap } from './inner-life.ts';
import { type Meter, type MicroParts, NOTHING } from './meter.ts';
import type {
  Chance,
  DriverSource,
  Market,
  ServiceNature,
  SimClock,
  SimCounters,
  SimHost,
  SimInstance,
  SimMs,
  SimOpenPort,
  SimState,
  SimTraffic,
  WorkNature,
} from './model.ts';
import { chargedRates, sumOf } from './rates.ts';
import type { SshPlane } from './ssh-plane.ts';
import { chargedTraffic, hostTraffic, type Load, NO_TRAFFIC } from './traffic.ts';
import type { WorkCourse } from './work.ts';

/** How slow, how forgetful and how dishonest this world is. */
export interface WorldTemper {
  /** Multiplies every boot and propagation delay. */
  readonly bootScale: number;
  /** Upper bounds of the delay with which lists show what came and what went. */
  readonly listLag: { readonly appearMs: number; readonly disappearMs: number };
  /** False: no hostnode has a public IP left. */
  readonly dedicatedIps: boolean;
  /** How long TensorDock takes to carry a delete out. */
  readonly deleteTakesMs: MsRange;
  /** Probability that an accepted delete does nothing. */
  readonly lyingDeletes: number;
  /** What becomes of containers on hosts that are good, one as likely as the other. */
  readonly services: readonly ServiceNature[];
  /** How long after it runs a machine's port mapping shows. */
  readonly portLagMs: MsRange;
  /** A machine that is started again is reached at other ports than before. */
  readonly portsMove: boolean;
  /** How rentals by bid fare; null: nobody bids higher. */
  readonly outbids: Outbids | null;
  /** Vast.ai's contracts end when the listing that they were made from does. */
  readonly contractsEnd: boolean;
  /** Vast.ai's hosts charge for traffic. */
  readonly trafficCosts: boolean;
  readonly drivers: DriverLuck;
  /** What becomes of machines that are rented, one as likely as the other. */
  readonly work: readonly WorkNature[];
  /** What may befall machines while they run. */
  readonly mishaps: readonly Mishap[];
}

/** How it goes where a first boot installs a driver, from 0 to 1. */
export interface DriverLuck {
  /** Nothing comes of it (TensorDock facts §7). */
  readonly fails: number;
  /** The driver works after a reboot alone. */
  readonly wantsReboot: number;
  /** For so long after its start a driver that the image has leaves a card out. */
  readonly cardLateMs?: number;
}

/** Drawn anew each time that a machine which was rented by a bid begins to run. */
export interface Outbids {
  /** 0 to 1. */
  readonly share: number;
  readonly afterMs: MsRange;
  /** How long the other bid stays the higher one. */
  readonly lastMs: MsRange;
}

/** Everything there is in a marketplace, for the functions that move it. */
export interface World {
  readonly clock: SimClock;
  readonly chance: Chance;
  /** Replaced whole when the world becomes honest. */
  temper: WorldTemper;
  /** A host whose nature changes is replaced whole; what is rented there stays as it came. */
  readonly hosts: Map<string, SimHost>;
  readonly agenda: Agenda;
  readonly plane: SshPlane;
  /** In order of creation; what is long gone may be taken out. */
  readonly records: Map<string, InstanceRecord>;
  /** How many were taken out. */
  forgotten: number;
  /** Records that are not gone, by host. */
  readonly tenants: Map<string, Set<InstanceRecord>>;
  /** The newest record at each `host:port`. */
  readonly addresses: Map<string, InstanceRecord>;
  /** What each `host:port` leads to besides logins. */
  readonly ports: Map<string, PortPlace>;
  /** In order of time. */
  readonly mishaps: PastMishap[];
  /** Micro-dollars paid in so far. Replaced whole. */
  deposit: Readonly<Record<Market, number>>;
}

export interface PortPlace {
  readonly record: InstanceRecord;
  readonly internalPort: number;
}

export interface InstanceRecord {
  /** Replaced whole with each change. */
  view: SimInstance;
  /** Replaced whole when the price changes. */
  agreed: MicroParts;
  readonly meter: Meter;
  readonly chance: Chance;
  /** Somebody else's: costs us nothing and never changes by itself. */
  readonly isForeign: boolean;
  readonly keys: AttachedKey[];
  /** Keys that its first boot puts in; none are left after that. */
  bootKeys: readonly string[];
  hostKey: string;
  /** Whatever answers at its address is somebody else's. */
  isStranger: boolean;
  /** Until then connections are taken, and nothing is said. */
  stallsUntil: SimMs;
  /** Null while it does not run. */
  sshUpAt: SimMs | null;
  readonly service: ServiceNature;
  /** From the start of its container's program to the first good answer. */
  readonly loadsForMs: number;
  /** Where its ports lead, shown or not. */
  mapping: readonly SimOpenPort[];
  /** A start that waits for GPUs. */
  isQueued: boolean;
  readonly source: DriverSource;
  readonly hardware: Hardware;
  /** Null until the first boot. */
  driver: DriverCourse | null;
  /** What its renter does with it. */
  uses: WorkNature;
  /** What it does, anew from each boot on; null while it does not run. */
  work: Work | null;
  /** What went in and out of it, oldest first. */
  readonly loads: Load[];
  /** Deletes that were accepted and did nothing. */
  lies: number;
  /** How to cross out what is going to happen to it by itself. */
  pending: (() => void)[];
}

/** From its latest boot on. */
export interface Work {
  readonly bootedAt: SimMs;
  readonly course: WorkCourse;
  /** From when on the course says what goes on; what was before it. */
  readonly since: SimMs;
  readonly before: SimCounters;
}

export interface AttachedKey {
  readonly publicKey: string;
  readonly worksFrom: SimMs;
}

type Amendment = Partial<
  Pick<
    SimInstance,
    | 'label'
    | 'statusText'
    | 'sshHost'
    | 'sshPort'
    | 'proxyHost'
    | 'proxyPort'
    | 'openPorts'
    | 'containerUpAt'
    | 'contractUntil'
    | 'stoppedFor'
    | 'outbidAt'
    | 'offlineSince'
  >
>;

export interface StateChange {
  readonly state: SimState;
  readonly at: SimMs;
  readonly also?: Partial<
    Pick<
      SimInstance,
      | 'released'
      | 'statusText'
      | 'deletingUntil'
      | 'goneAt'
      | 'endedBy'
      | 'listedUntil'
      | 'stoppedFor'
      | 'outbidAt'
    >
  >;
}

/** The one place where a state changes, so that the meter and the running time can't miss it. */
export function changeState(record: InstanceRecord, { state, at, also }: StateChange): void {
  const runningSince = state === 'running' ? at : null;
  record.view = { ...record.view, ...also, state, stateSince: at, runningSince };
  if (state !== 'running') {
    record.sshUpAt = null;
    record.work = null;
    record.view = { ...record.view, containerUpAt: null, offlineSince: null };
  }
  record.meter.change(at, meteredRates(record));
}

/** Gives the GPUs back without a change of state. */
export function release(record: InstanceRecord, at: SimMs): void {
  record.view = { ...record.view, released: true };
  record.meter.change(at, meteredRates(record));
}

/** Another price for what is charged while it runs; the disk's stays. */
export function reprice(record: InstanceRecord, factor: number, at: SimMs): void {
  const { gpu, cpu, ram, disk } = record.agreed;
  const scaled = (rate: number): number => Math.round(rate * factor);
  record.agreed = { gpu: scaled(gpu), cpu: scaled(cpu), ram: scaled(ram), disk };
  record.meter.change(at, meteredRates(record));
}

/** For what changes neither the state nor the price, and the bill all the same. */
export function remeter(record: InstanceRecord, at: SimMs): void {
  record.meter.change(at, meteredRates(record));
}

function meteredRates(record: InstanceRecord): MicroParts {
  return record.isForeign ? NOTHING : chargedRates(record.view, record.agreed);
}

/** Changes what concerns neither the state nor the bill. */
export function amend(record: InstanceRecord, patch: Amendment): void {
  record.view = { ...record.view, ...patch };
}

/** Something that happens to the instance by itself, unless {@link crossOutPlans} comes first. */
export function plan(
  world: World,
  record: InstanceRecord,
  entry: { readonly at: SimMs; readonly act: (at: SimMs) => void },
): void {
  record.pending.push(world.agenda.enter(entry.at, entry.act));
}

export function crossOutPlans(record: InstanceRecord): void {
  for (const crossOut of record.pending) crossOut();
  record.pending = [];
}

/** A delay that this world's boot scale stretches or shrinks. */
export function bootDelay(world: World, record: InstanceRecord, range: MsRange): number {
  return Math.round(record.chance.int(range.low, range.high) * world.temper.bootScale);
}

export function tenantsOf(world: World, hostId: string): ReadonlySet<InstanceRecord> {
  return world.tenants.get(hostId) ?? new Set();
}

/** GPUs of a host that no tenant holds. */
export function freeGpusOf(world: World, hostId: string): number {
  const host = world.hosts.get(hostId);
  if (!host) return 0;
  let held = 0;
  for (const tenant of tenantsOf(world, hostId)) held += heldGpus(tenant.view);
  return host.gpuCount - held;
}

/** A stopped Vast.ai instance gives its GPUs back; a stopped TensorDock one keeps them until they are released. */
function heldGpus(instance: SimInstance): number {
  return instance.released || instance.state === 'gone' ? 0 : instance.gpuCount;
}

/** Prepaid micro-dollars left; below zero when more was used up than was paid in. */
export function creditOf(world: World, market: Market): number {
  const now = world.clock.now();
  let left = world.deposit[market];
  for (const record of world.records.values()) {
    if (record.view.market !== market) continue;
    const { down, up } = trafficOf(world, record, { from: 0, to: now + 1 });
    left -= sumOf(record.meter.total(now)) + down + up;
  }
  return left;
}

/** Whole micro-dollars for the traffic of that time. */
export function trafficOf(
  world: World,
  { view, loads }: InstanceRecord,
  span: { readonly from: SimMs; readonly to: SimMs },
): SimTraffic {
  return chargedTraffic(loads, trafficRatesOf(world, view.host), span);
}

/** Dollars per GB. */
export function trafficRatesOf(world: World, host: SimHost): SimTraffic {
  return world.temper.trafficCosts && host.market === 'vastai' ? hostTraffic(host) : NO_TRAFFIC;
}
