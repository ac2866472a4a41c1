import { type AccountActs, accountActs, keyRing } from './account.ts';
import { createAgenda } from './agenda.ts';
import { moveForeignersIn } from './foreign.ts';
import { forgetGone } from './forget-gone.ts';
import { DEFAULT_TENSORDOCK_HOSTS, DEFAULT_VAST_HOSTS, drawHosts } from './hosts.ts';
import type { MsRange } from './inner-life.ts';
import { type Insides, insides } from './insides.ts';
import { answerKnock, isSameKey } from './knock.ts';
import { acceptDelete, endContract, finish, outbid, regain, start, stop } from './life.ts';
import type {
  Chance,
  HostNature,
  Market,
  Marketplace,
  SimBillParts,
  SimClock,
  SimCredentials,
  SimHost,
  SimInstance,
  SimMs,
} from './model.ts';
import { chargedRates, sumOf, toUsd } from './rates.ts';
import { rent } from './rent.ts';
import { type SshPlane, virtualPlane } from './ssh-plane.ts';
import { answerCall } from './workloads.ts';
import {
  amend,
  bootDelay,
  creditOf,
  freeGpusOf,
  type InstanceRecord,
  reprice,
  trafficOf,
  trafficRatesOf,
  type World,
  type WorldTemper,
} from './world.ts';

/** Everything but clock and chance has a default: an honest, prompt market with its usual number of hosts. */
export interface MarketOptions extends Partial<WorldTemper> {
  readonly clock: SimClock;
  readonly chance: Chance;
  readonly credentials?: SimCredentials;
  readonly hosts?: readonly SimHost[];
  readonly plane?: SshPlane;
  /** Prepaid dollars at the start. */
  readonly credit?: Readonly<Record<Market, number>>;
  /** How many instances of other people and other deployments share the account. */
  readonly foreign?: number;
  /** Whose tags some of their names resemble. */
  readonly likeDeployments?: readonly string[];
}

/** A marketplace with what the harness and the checkers may do besides. */
export interface SimMarket extends Marketplace, AccountActs, Insides {
  /** The market takes the instance away. False when unknown or gone. */
  vanish(id: string): boolean;
  /** The market stops the instance: outbid, host reboot. False when unknown or gone. */
  stopByMarket(id: string): boolean;
  /** Somebody pays more for its GPUs, until {@link SimMarket.regain}. False unless it was rented by a bid. */
  outbid(id: string): boolean;
  /** Nobody pays more any more. */
  regain(id: string): boolean;
  /** Its contract is over. False when unknown or gone. */
  endContract(id: string): boolean;
  /** From now on it costs so many times as much while it runs. False when unknown or gone. */
  reprice(id: string, factor: number): boolean;
  /** From now on whoever rents there meets this. False when there is no such host. */
  changeNature(hostId: string, nature: HostNature): boolean;
  /** From now on the machine shows another host key. */
  changeHostKey(id: string): boolean;
  /**
   * From now on no delete does nothing, lists show at once what comes and goes, and nothing new befalls machines. Hosts stay what
   * they are.
   */
  becomeHonest(): void;
  /** Forgets instances that were gone before then. Their bills count as paid. */
  forgetGone(before: SimMs): void;
  /** True for instances that were never ours. */
  isForeign(id: string): boolean;
  /** Instances with exactly this label that still run up cost. */
  openBills(label: string): readonly OpenBill[];
}

export interface OpenBill {
  readonly instance: SimInstance;
  /** Micro-dollars an hour, now. */
  readonly rate: SimBillParts;
  /** Micro-dollars so far. */
  readonly bill: SimBillParts;
}

export const DEFAULT_CREDENTIALS: SimCredentials = {
  vastKey: 'sim-vast-key-000000000000000000000000000000000000000000000000000',
  tensordockToken: 'sim-tensordock-token',
  tensordockAuthId: 'sim-tensordock-auth-id',
};

const DEFAULT_TEMPER: WorldTemper = {
  bootScale: 1,
  listLag: { appearMs: 0, disappearMs: 0 },
  dedicatedIps: true,
  deleteTakesMs: { low: 4_000, high: 12_000 },
  lyingDeletes: 0,
  services: ['serves'],
  portLagMs: { low: 0, high: 0 },
  portsMove: false,
  outbids: null,
  contractsEnd: false,
  trafficCosts: false,
  drivers: { fails: 0, wantsReboot: 0 },
  work: ['rests'],
  mishaps: [],
};

/** Attached keys work 10 to 15 s later (Vast.ai facts §12.1). */
const KEY_PROPAGATION: MsRange = { low: 10_000, high: 15_000 };
const DEFAULT_DEPOSIT_USD = 500;
const MICRO_PER_USD = 1_000_000;

export function createMarketplace(options: MarketOptions): SimMarket {
  const world = createWorld(options);
  moveForeignersIn(world, {
    count: options.foreign ?? 0,
    deploymentIds: options.likeDeployments ?? ['demo'],
  });
  const keys = keyRing(options.credentials ?? DEFAULT_CREDENTIALS);
  return {
    clock: options.clock,
    chance: options.chance,
    credentials: keys.credentials,
    ...hostReads(world),
    ...instanceReads(world),
    ...renterCalls(world),
    ...keyCalls(world),
    ...moneyReads(world),
    ...interventions(world),
    ...insides(world),
    ...accountActs(world, keys),
  };
}

function createWorld(options: MarketOptions): World {
  const { clock, chance } = options;
  const hosts = options.hosts ?? drawUsualHosts(options);
  const credit = options.credit ?? { vastai: DEFAULT_DEPOSIT_USD, tensordock: DEFAULT_DEPOSIT_USD };
  return {
    clock,
    chance: chance.fork('market'),
    temper: readTemper(options),
    hosts: new Map(hosts.map((host) => [host.id, host])),
    agenda: createAgenda(clock),
    plane: options.plane ?? virtualPlane(chance.fork('ssh plane')),
    records: new Map(),
    forgotten: 0,
    tenants: new Map(),
    addresses: new Map(),
    ports: new Map(),
    mishaps: [],
    deposit: {
      vastai: Math.round(credit.vastai * MICRO_PER_USD),
      tensordock: Math.round(credit.tensordock * MICRO_PER_USD),
    },
  };
}

function readTemper(options: MarketOptions): WorldTemper {
  return {
    bootScale: options.bootScale ?? DEFAULT_TEMPER.bootScale,
    listLag: options.listLag ?? DEFAULT_TEMPER.listLag,
    dedicatedIps: options.dedicatedIps ?? DEFAULT_TEMPER.dedicatedIps,
    deleteTakesMs: options.deleteTakesMs ?? DEFAULT_TEMPER.deleteTakesMs,
    lyingDeletes: options.lyingDeletes ?? DEFAULT_TEMPER.lyingDeletes,
    services: options.services ?? DEFAULT_TEMPER.services,
    portLagMs: options.portLagMs ?? DEFAULT_TEMPER.portLagMs,
    portsMove: options.portsMove ?? DEFAULT_TEMPER.portsMove,
    outbids: options.outbids ?? DEFAULT_TEMPER.outbids,
    contractsEnd: options.contractsEnd ?? DEFAULT_TEMPER.contractsEnd,
    trafficCosts: options.trafficCosts ?? DEFAULT_TEMPER.trafficCosts,
    drivers: options.drivers ?? DEFAULT_TEMPER.drivers,
    work: options.work ?? DEFAULT_TEMPER.work,
    mishaps: options.mishaps ?? DEFAULT_TEMPER.mishaps,
  };
}

function drawUsualHosts({ clock, chance }: MarketOptions): readonly SimHost[] {
  return drawHosts({
    chance: chance.fork('hosts'),
    startedAt: clock.now(),
    vastHosts: DEFAULT_VAST_HOSTS,
    tensordockHosts: DEFAULT_TENSORDOCK_HOSTS,
    badShare: 0,
  });
}

function hostReads(world: World): Pick<SimMarket, 'hosts' | 'host' | 'freeGpus'> {
  return {
    hosts: (market) => [...world.hosts.values()].filter((host) => host.market === market),
    host: (id) => world.hosts.get(id),
    freeGpus(hostId) {
      world.agenda.runDue();
      return freeGpusOf(world, hostId);
    },
  };
}

function instanceReads(
  world: World,
): Pick<SimMarket, 'instances' | 'instance' | 'listed' | 'knock' | 'visit' | 'isForeign'> {
  const all = (): InstanceRecord[] => {
    world.agenda.runDue();
    return [...world.records.values()];
  };
  return {
    instances: () => all().map((record) => record.view),
    instance: (id) => find(world, id)?.view,
    listed(market) {
      const now = world.clock.now();
      return all()
        .map((record) => record.view)
        .filter((view) => view.market === market && isListed(view, now));
    },
    knock(attempt) {
      world.agenda.runDue();
      return answerKnock(world, attempt);
    },
    visit(call) {
      world.agenda.runDue();
      return answerCall(world, call);
    },
    isForeign: (id) => find(world, id)?.isForeign ?? false,
  };
}

function isListed(view: SimInstance, now: number): boolean {
  return now >= view.listedFrom && (view.state !== 'gone' || now < view.listedUntil);
}

function renterCalls(
  world: World,
): Pick<SimMarket, 'rent' | 'destroy' | 'stop' | 'start' | 'relabel'> {
  return {
    rent(order) {
      world.agenda.runDue();
      return rent(world, order);
    },
    destroy: (id) => withLiving(world, id, (record, at) => acceptDelete(world, record, at)),
    stop: (id, { release }) =>
      withLiving(world, id, (record, at) => {
        if (record.view.deletingUntil !== null) return;
        const reason = 'stopped by the renter';
        stop(world, record, { at, isReleased: release, by: 'renter', reason });
      }),
    start(id) {
      const record = findLiving(world, id);
      if (!record || record.view.deletingUntil !== null) return 'unknown';
      return start(world, record, world.clock.now());
    },
    relabel: (id, label) => withLiving(world, id, (record) => amend(record, { label })),
  };
}

function keyCalls(world: World): Pick<SimMarket, 'attachKey' | 'keys' | 'removeKey'> {
  return {
    attachKey: (id, publicKey) =>
      withLiving(world, id, (record, at) => {
        if (record.keys.some((key) => isSameKey(key.publicKey, publicKey))) return;
        record.keys.push({ publicKey, worksFrom: at + bootDelay(world, record, KEY_PROPAGATION) });
      }),
    keys(id) {
      const record = find(world, id);
      return record ? [...record.bootKeys, ...record.keys.map((key) => key.publicKey)] : [];
    },
    removeKey(id, publicKey) {
      const keys = findLiving(world, id)?.keys ?? [];
      const index = keys.findIndex((key) => isSameKey(key.publicKey, publicKey));
      if (index === -1) return false;
      keys.splice(index, 1);
      return true;
    },
  };
}

function moneyReads(
  world: World,
): Pick<
  SimMarket,
  'rate' | 'bill' | 'billWithin' | 'trafficWithin' | 'trafficRates' | 'credit' | 'openBills'
> {
  const rateOf = ({ view, agreed }: InstanceRecord): SimBillParts => chargedRates(view, agreed);
  const billOf = (record: InstanceRecord): SimBillParts => record.meter.total(world.clock.now());
  const known = (id: string): InstanceRecord => {
    const record = find(world, id);
    if (!record) throw new Error(`no instance ${id} ever was`);
    return record;
  };
  return {
    rate: (id) => toUsd(rateOf(known(id))),
    bill: (id) => billOf(known(id)),
    billWithin: (id, from, to) => known(id).meter.within(from, Math.min(to, world.clock.now())),
    trafficWithin: (id, from, to) => trafficOf(world, known(id), { from, to }),
    trafficRates: (host) => trafficRatesOf(world, host),
    credit(market) {
      world.agenda.runDue();
      return creditOf(world, market) / MICRO_PER_USD;
    },
    openBills(label) {
      world.agenda.runDue();
      return [...world.records.values()]
        .filter((record) => record.view.label === label && sumOf(record.meter.rates()) > 0)
        .map((record) => ({ instance: record.view, rate: rateOf(record), bill: billOf(record) }));
    },
  };
}

function interventions(
  world: World,
): Pick<
  SimMarket,
  | 'vanish'
  | 'stopByMarket'
  | 'outbid'
  | 'regain'
  | 'endContract'
  | 'reprice'
  | 'changeNature'
  | 'changeHostKey'
  | 'becomeHonest'
  | 'forgetGone'
> {
  return {
    forgetGone: (before) => forgetGone(world, before),
    vanish: (id) =>
      withLiving(world, id, (record, at) => finish(world, record, { at, endedBy: 'market' })),
    stopByMarket: (id) =>
      withLiving(world, id, (record, at) => {
        if (record.view.deletingUntil !== null) return;
        const reason = 'stopped by the host';
        stop(world, record, { at, isReleased: false, by: 'host', reason });
      }),
    outbid(id) {
      const record = findLiving(world, id);
      return record !== undefined && outbid(world, record, world.clock.now());
    },
    regain: (id) => withLiving(world, id, (record, at) => regain(world, record, at)),
    endContract: (id) => withLiving(world, id, (record, at) => endContract(world, record, at)),
    reprice: (id, factor) => withLiving(world, id, (record, at) => reprice(record, factor, at)),
    changeNature(hostId, nature) {
      const host = world.hosts.get(hostId);
      if (host) world.hosts.set(hostId, { ...host, nature });
      return host !== undefined;
    },
    changeHostKey: (id) =>
      withLiving(world, id, (record) => {
        record.hostKey = world.plane.rekey(record.view.id);
      }),
    becomeHonest() {
      const { listLag, lyingDeletes } = DEFAULT_TEMPER;
      world.temper = { ...world.temper, listLag, lyingDeletes, mishaps: [] };
    },
  };
}

function find(world: World, id: string): InstanceRecord | undefined {
  world.agenda.runDue();
  return world.records.get(id);
}

function findLiving(world: World, id: string): InstanceRecord | undefined {
  const record = find(world, id);
  return record?.view.state === 'gone' ? undefined : record;
}

/** False when there is nothing alive by that id. */
function withLiving(
  world: World,
  id: string,
  act: (record: InstanceRecord, at: number) => void,
): boolean {
  const record = findLiving(world, id);
  if (!record) return false;
  act(record, world.clock.now());
  return true;
}
