import { pullFailure } from './images.ts';
import type { MsRange } from './inner-life.ts';
import {
  BREAKING,
  BREAKING_LATE,
  DOCK_BOOT,
  DOCK_CONTAINER,
  DOCK_KEYS,
  DOCK_SSHD,
  KEPT_AFTER_END_MS,
  MARKET_STOP,
  REBOOT,
  REBOOT_CONTAINER,
  REBOOT_SSHD,
  SLOW_BOOT,
  STOPPING,
  VANISHING,
  VAST_CONTAINER,
  VAST_CREATING,
  VAST_ODD_BOOT,
  VAST_SSHD,
  VAST_USUAL_BOOT,
  VAST_USUAL_SHARE,
} from './life-times.ts';
import { planMishaps } from './mishaps.ts';
import type { Chance, HostNature, SimInstance, SimMs, StartResult, StopReason } from './model.ts';
import { outbidOnceItRuns } from './outbids.ts';
import { movePorts } from './port-mapping.ts';
import { powerOn } from './power-on.ts';
import { startLoad } from './traffic.ts';
import {
  amend,
  bootDelay,
  changeState,
  creditOf,
  crossOutPlans,
  freeGpusOf,
  type InstanceRecord,
  plan,
  release,
  tenantsOf,
  type World,
} from './world.ts';

/** In a row, per instance. */
const MAX_LIES = 3;

const BREAKDOWNS = [
  'Error response from daemon: OCI runtime create failed: container failed to start',
  'GPU error, unable to start instance',
  'docker_build() error writing dockerfile',
] as const;

/** Plans the first boot of a new instance, as its host's nature lets it come. */
export function boot(world: World, record: InstanceRecord): void {
  const { createdAt, host } = record.view;
  const breaking = BREAKINGS[host.nature];
  if (breaking) {
    const at = createdAt + bootDelay(world, record, breaking);
    plan(world, record, { at, act: (due) => breakDown(record, due) });
  }
  const isVast = host.market === 'vastai';
  if (isVast && world.temper.contractsEnd) {
    world.agenda.enter(record.view.contractUntil, (at) => endContract(world, record, at));
  }
  if (isVast) planLoading(world, record);
  if (host.nature === 'never_boots' || breaking) return;
  if (isVast && pullFailure(record.view.image) !== undefined) return;
  const usual = isVast ? drawVastBoot(record.chance) : DOCK_BOOT;
  const boots = host.nature === 'boots_slowly' ? SLOW_BOOT : usual;
  plan(world, record, {
    at: createdAt + bootDelay(world, record, boots),
    act: (at) => run(world, record, { at, ...(isVast ? VAST_FIRST : DOCK_FIRST) }),
  });
}

/** How long after the launch a host of such a nature says that it cannot. */
const BREAKINGS: Readonly<Partial<Record<HostNature, MsRange>>> = {
  breaks: BREAKING,
  breaks_late: BREAKING_LATE,
};

/** Asks a stopped instance to run again; queued when its GPUs are somebody else's by now. */
export function start(
  world: World,
  record: InstanceRecord,
  at: SimMs,
): Exclude<StartResult, 'unknown'> {
  const { state, market, stoppedFor } = record.view;
  if (state !== 'stopped' && state !== 'stopping') return 'started';
  if (stoppedFor === 'contract end') return 'refused';
  if (market === 'vastai' && creditOf(world, market) <= 0) return 'unpaid';
  if (!canRunAgain(world, record)) {
    record.isQueued = true;
    amend(record, { statusText: 'Required resources are currently unavailable' });
    return 'queued';
  }
  restart(world, record, at);
  return 'started';
}

/** Whoever pays more for its GPUs has them, and so has whoever rented them while it was stopped. */
function canRunAgain(world: World, { view }: InstanceRecord): boolean {
  if (view.outbidAt !== null) return false;
  return !view.released || freeGpusOf(world, view.host.id) >= view.gpuCount;
}

/** Somebody pays more for its GPUs. True when it is a contract that this can happen to. */
export function outbid(world: World, record: InstanceRecord, at: SimMs): boolean {
  const { interruptible, state } = record.view;
  if (!interruptible || state === 'gone') return false;
  const bidMicroUsd = record.agreed.gpu;
  stop(world, record, { at, isReleased: true, by: 'outbid', reason: 'outbid' });
  amend(record, { outbidAt: Math.ceil(bidMicroUsd * 1.25) / 1_000_000 });
  return true;
}

/**
 * Nobody pays more any more: what Vast.ai stopped runs again by itself, what its renter stopped does not (facts §17.30). No
 * document says that TensorDock starts anything by itself.
 */
export function regain(world: World, record: InstanceRecord, at: SimMs): void {
  if (record.view.outbidAt === null || record.view.state === 'gone') return;
  amend(record, { outbidAt: null });
  const { stoppedFor, market } = record.view;
  if (stoppedFor === 'outbid' && market === 'vastai') record.isQueued = true;
  startQueued(world, record.view.host.id, at);
}

/** The contract is over: it stops and cannot be started, and its disk goes some time after. */
export function endContract(world: World, record: InstanceRecord, at: SimMs): void {
  if (record.view.state === 'gone') return;
  amend(record, { contractUntil: Math.min(at, record.view.contractUntil) });
  stop(world, record, { at, isReleased: true, by: 'contract end', reason: 'contract expired' });
  world.agenda.enter(at + KEPT_AFTER_END_MS, (due) => {
    if (record.view.state !== 'gone') finish(world, record, { at: due, endedBy: 'market' });
  });
}

/** Stops it on the renter's word or the market's. Asked again with `isReleased`, it gives its GPUs back. */
export function stop(world: World, record: InstanceRecord, stopping: Stopping): void {
  record.isQueued = false;
  const { at, reason, by } = stopping;
  const gives = stopping.isReleased || record.view.market === 'vastai';
  const isStopped = record.view.state === 'stopped' || record.view.state === 'stopping';
  // The first reason stays, save that what its renter or the contract says is final.
  if (!isStopped || by === 'renter' || by === 'contract end') amend(record, { stoppedFor: by });
  if (!isStopped) {
    crossOutPlans(record);
    world.plane.hangUp(record.view.id);
    changeState(record, { state: 'stopping', at, also: { statusText: reason } });
    const stoppedAt = at + bootDelay(world, record, STOPPING);
    plan(world, record, {
      at: stoppedAt,
      act: (due) => changeState(record, { state: 'stopped', at: due }),
    });
  }
  if (!gives || record.view.released) return;
  release(record, at);
  startQueued(world, record.view.host.id, at);
}

interface Stopping {
  readonly at: SimMs;
  readonly isReleased: boolean;
  readonly by: StopReason;
  readonly reason: string;
}

/**
 * A delete that was accepted. Vast.ai's is done at once, TensorDock's takes its time (facts §6: more than 5 s), and
 * some do nothing at all. At most {@link MAX_LIES} in a row do nothing, so that asking again always ends it.
 */
export function acceptDelete(world: World, record: InstanceRecord, at: SimMs): void {
  if (record.view.deletingUntil !== null) return;
  if (record.lies < MAX_LIES && record.chance.hit(world.temper.lyingDeletes)) {
    record.lies += 1;
    return;
  }
  if (record.view.market === 'vastai') {
    finish(world, record, { at, endedBy: 'renter' });
    return;
  }
  crossOutPlans(record);
  record.isQueued = false;
  world.plane.hangUp(record.view.id);
  const { low, high } = world.temper.deleteTakesMs;
  const deletingUntil = at + record.chance.int(low, high);
  changeState(record, { state: 'stopping', at, also: { deletingUntil, statusText: 'deleting' } });
  plan(world, record, {
    at: deletingUntil,
    act: (due) => finish(world, record, { at: due, endedBy: 'renter' }),
  });
}

/** Takes it out of the account for good. */
export function finish(
  world: World,
  record: InstanceRecord,
  { at, endedBy }: { readonly at: SimMs; readonly endedBy: NonNullable<SimInstance['endedBy']> },
): void {
  crossOutPlans(record);
  record.isQueued = false;
  const listedUntil = at + record.chance.int(0, world.temper.listLag.disappearMs);
  changeState(record, {
    state: 'gone',
    at,
    also: { goneAt: at, endedBy, listedUntil, deletingUntil: null },
  });
  world.tenants.get(record.view.host.id)?.delete(record);
  world.plane.close(record.view.id);
  startQueued(world, record.view.host.id, at);
}

/** The image pull, which Vast.ai shows and nobody is let in during. */
function planLoading(world: World, record: InstanceRecord): void {
  const at = record.view.createdAt + bootDelay(world, record, VAST_CREATING);
  plan(world, record, {
    at,
    act: (due) => {
      if (record.view.state === 'creating')
        changeState(record, {
          state: 'loading',
          at: due,
          also: { statusText: 'pulling image layers' },
        });
    },
  });
}

function drawVastBoot(chance: Chance): MsRange {
  return chance.hit(VAST_USUAL_SHARE) ? VAST_USUAL_BOOT : VAST_ODD_BOOT;
}

function run(
  world: World,
  record: InstanceRecord,
  { at, sshd, container }: Boot & { readonly at: SimMs },
): void {
  installBootKeys(world, record, at);
  const statusText = `success, running ${record.view.image.replaceAll(':', '_')}/ssh`;
  changeState(record, { state: 'running', at, also: { statusText, released: false } });
  record.sshUpAt = at + bootDelay(world, record, sshd);
  powerOn(world, record, at);
  planMishaps(world, record, at);
  if (record.view.container !== null) startContainer(world, record, { at, takes: container });
  const isFirst = record.loads.length === 0;
  record.loads.push(startLoad(record.view.image, { at, isFirst }));
  planTrouble(world, record, at);
  outbidOnceItRuns(world, record, {
    at,
    outbid: (due) => void outbid(world, record, due),
    regain: (due) => regain(world, record, due),
  });
}

/** How long after the boot the machine listens, and its container's program runs. */
interface Boot {
  readonly sshd: MsRange;
  readonly container: MsRange;
}

const VAST_FIRST: Boot = { sshd: VAST_SSHD, container: VAST_CONTAINER };
const DOCK_FIRST: Boot = { sshd: DOCK_SSHD, container: DOCK_CONTAINER };

function startContainer(
  world: World,
  record: InstanceRecord,
  { at, takes }: { readonly at: SimMs; readonly takes: MsRange },
): void {
  const chance = record.chance.fork(`container ${at}`);
  const scaled = (range: MsRange): number =>
    Math.round(chance.int(range.low, range.high) * world.temper.bootScale);
  amend(record, { containerUpAt: at + scaled(takes) });
  const { portLagMs } = world.temper;
  if (portLagMs.high === 0) return;
  amend(record, { openPorts: [] });
  plan(world, record, {
    at: at + scaled(portLagMs),
    act: () => amend(record, { openPorts: record.mapping }),
  });
}

function installBootKeys(world: World, record: InstanceRecord, at: SimMs): void {
  const worksFrom = at + bootDelay(world, record, DOCK_KEYS);
  record.keys.push(...record.bootKeys.map((publicKey) => ({ publicKey, worksFrom })));
  record.bootKeys = [];
}

/** What a bad host does to an instance that runs. */
function planTrouble(world: World, record: InstanceRecord, at: SimMs): void {
  const { nature } = record.view.host;
  if (nature === 'vanishes') {
    const dueAt = at + record.chance.int(VANISHING.low, VANISHING.high);
    plan(world, record, {
      at: dueAt,
      act: (due) => finish(world, record, { at: due, endedBy: 'market' }),
    });
  }
  if (nature === 'gets_stopped') {
    const dueAt = at + record.chance.int(MARKET_STOP.low, MARKET_STOP.high);
    plan(world, record, {
      at: dueAt,
      act: (due) =>
        stop(world, record, {
          at: due,
          isReleased: false,
          by: 'host',
          reason: 'stopped by the host',
        }),
    });
  }
}

function breakDown(record: InstanceRecord, at: SimMs): void {
  crossOutPlans(record);
  changeState(record, {
    state: 'broken',
    at,
    also: { statusText: record.chance.pick(BREAKDOWNS) },
  });
}

function restart(world: World, record: InstanceRecord, at: SimMs): void {
  crossOutPlans(record);
  record.isQueued = false;
  changeState(record, {
    state: 'loading',
    at,
    also: { released: false, statusText: 'starting', stoppedFor: null },
  });
  if (record.view.host.nature === 'never_boots') return;
  plan(world, record, {
    at: at + bootDelay(world, record, REBOOT),
    act: (due) => {
      movePorts(world, record);
      run(world, record, { at: due, sshd: REBOOT_SSHD, container: REBOOT_CONTAINER });
    },
  });
}

/** Queued starts go in order of creation, as far as the GPUs that came free reach. */
function startQueued(world: World, hostId: string, at: SimMs): void {
  for (const tenant of tenantsOf(world, hostId)) {
    if (tenant.isQueued && canRunAgain(world, tenant)) restart(world, tenant, at);
  }
}
