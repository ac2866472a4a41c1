import { describe, expect, it } from 'vitest';
import { judge } from '../../src/domain/activity/judge.ts';
import { runLine } from '../../src/simulator/fake-shell.ts';
import type { SimMarket } from '../../src/simulator/market.ts';
import {
  type HostDefect,
  type Market,
  type SimMachine,
  WORK_NATURES,
  type WorkNature,
} from '../../src/simulator/model.ts';
import { LOOK_COMMAND, readReport } from '../../src/ssh/machine-report.ts';
import type { HandClock } from './hand-clock.ts';
import {
  HOUR,
  KEY,
  look,
  MINUTE,
  marketWorld,
  pickHost,
  rentOn,
  SECOND,
  usualHosts,
} from './market-world.ts';

const MARKETS: readonly Market[] = ['vastai', 'tensordock'];

function inside(market: SimMarket, id: string): SimMachine {
  const machine = market.machine(id);
  if (!machine) throw new Error('nobody can look into it');
  return machine;
}

function reportOf(market: SimMarket, id: string) {
  return readReport(runLine(LOOK_COMMAND, { machine: inside(market, id), user: 'root' }).stdout);
}

async function defective(defect: HostDefect) {
  const hosts = usualHosts().map((host) => ({ ...host, defect }));
  const { clock, market } = marketWorld({ hosts });
  const { id } = await rentOn(market, pickHost(market, 'vastai', 2), { gpuCount: 2 });
  clock.advance(10 * MINUTE);
  return { market, id, host: look(market, id).host };
}

describe('what is built into a machine', () => {
  it('is what was offered where the host is honest', async () => {
    const { clock, market } = marketWorld();
    const { id } = await rentOn(market, pickHost(market, 'tensordock', 2), { gpuCount: 2 });
    clock.advance(10 * MINUTE);
    const { host } = look(market, id);
    const card = { name: host.gpu.smiName, memoryTotalMb: host.gpu.vramMb };
    expect(reportOf(market, id)).toMatchObject({
      gpus: [card, card],
      driverVersion: host.driverVersion,
      cudaVersion: host.cudaMax.toFixed(1),
    });
  });

  it('may be other cards, fewer, or such with less memory', async () => {
    const other = await defective('other model');
    expect(reportOf(other.market, other.id).gpus?.[0]?.name).not.toBe(other.host.gpu.smiName);
    const fewer = await defective('fewer GPUs');
    expect(reportOf(fewer.market, fewer.id).gpus).toHaveLength(1);
    const less = await defective('less memory');
    const [card] = reportOf(less.market, less.id).gpus ?? [];
    expect(card).toMatchObject({
      name: less.host.gpu.smiName,
      memoryTotalMb: Math.floor(less.host.gpu.vramMb / 2),
    });
  });

  it('may be without a driver, with an old one, or with a full disk', async () => {
    const none = await defective('no driver');
    expect(reportOf(none.market, none.id)).toMatchObject({
      gpus: undefined,
      cudaVersion: undefined,
    });
    const said = runLine('nvidia-smi', { machine: inside(none.market, none.id), user: 'root' });
    expect(said).toMatchObject({ exitCode: 9, stdout: expect.stringContaining('has failed') });
    const old = await defective('old driver');
    expect(Number(reportOf(old.market, old.id).cudaVersion)).toBeLessThan(old.host.cudaMax);
    const full = await defective('full disk');
    expect(reportOf(full.market, full.id).diskFreeBytes).toBeLessThan(3e9);
  });
});

describe('a driver that a first boot installs', () => {
  async function fresh(
    luck: { readonly fails: number; readonly wantsReboot: number },
    reboots: boolean,
  ) {
    const { clock, market } = marketWorld({ drivers: luck });
    const driver = reboots ? 'installed with a reboot' : 'installed';
    const { id } = await rentOn(market, pickHost(market, 'tensordock'), {
      driver,
      bootKeys: [KEY],
    });
    clock.advance(3 * MINUTE);
    return { clock, market, id };
  }

  it('works after some minutes', async () => {
    const { clock, market, id } = await fresh({ fails: 0, wantsReboot: 0 }, false);
    expect(inside(market, id).driver.kind).toBe('broken');
    clock.advance(7 * MINUTE);
    expect(inside(market, id).driver.kind).toBe('works');
  });

  it('takes the machine down where it wants a reboot, and keeps it from working where nobody makes one', async () => {
    const { clock, market, id } = await fresh({ fails: 0, wantsReboot: 1 }, true);
    const { sshHost: host, sshPort: port } = look(market, id);
    const knock = () => market.knock({ host, port, user: 'root', publicKey: KEY }).kind;
    const met = new Set<string>();
    for (let seconds = 0; seconds < 8 * 60; seconds += 5) {
      clock.advance(5 * SECOND);
      met.add(knock());
    }
    expect(met).toEqual(new Set(['open', 'refused']));
    expect(inside(market, id).driver.kind).toBe('works');
    expect(look(market, id).state).toBe('running');
    const stuck = await fresh({ fails: 0, wantsReboot: 1 }, false);
    stuck.clock.advance(HOUR);
    expect(inside(stuck.market, stuck.id).driver.kind).toBe('broken');
  });

  it('never comes where nothing comes of it', async () => {
    const { clock, market, id } = await fresh({ fails: 1, wantsReboot: 0 }, true);
    clock.advance(HOUR);
    expect(inside(market, id).driver.kind).toBe('broken');
  });
});

describe('what a machine does', () => {
  /** Looks each minute, and what the broker makes of them beside the truth. */
  async function looks(kind: Market, nature: WorkNature) {
    const { clock, market } = marketWorld({ work: [nature] });
    const { id } = await rentOn(market, pickHost(market, kind, 2), { gpuCount: 2 });
    clock.advance(2 * MINUTE);
    const found: { readonly verdict: string; readonly isWork: boolean }[] = [];
    let before = { at: clock.now(), attempt: 1, ...readingOf(market, id) };
    for (let minute = 0; minute < 40; minute += 1) {
      clock.advance(MINUTE);
      const after = { at: clock.now(), attempt: 1, ...readingOf(market, id) };
      const { verdict } = judge(before, after, 5 * MINUTE);
      found.push({ verdict, isWork: market.hasWorked(id, before.at, after.at) });
      before = after;
    }
    return found;
  }

  function readingOf(market: SimMarket, id: string) {
    const { gpus, work } = reportOf(market, id);
    return { gpus, work };
  }

  it.each(MARKETS.flatMap((kind) => WORK_NATURES.map((nature) => [kind, nature] as const)))(
    'shows in what its programs print, on %s, when it %s',
    async (kind, nature) => {
      const found = await looks(kind, nature);
      expect(found.filter(({ verdict, isWork }) => verdict === 'idle' && isWork)).toEqual([]);
      expect(found.filter(({ verdict, isWork }) => verdict === 'active' && !isWork)).toEqual([]);
    },
  );

  it('changes when its renter does something else, and its counters go on', async () => {
    const { clock, market } = marketWorld();
    const { id } = await rentOn(market, pickHost(market, 'vastai'));
    clock.advance(30 * MINUTE);
    const rested = inside(market, id);
    expect(market.use(id, 'trains')).toBe(true);
    expect(inside(market, id).counters).toEqual(rested.counters);
    clock.advance(30 * MINUTE);
    expect(inside(market, id).counters.cpuSeconds).toBeGreaterThan(rested.counters.cpuSeconds + 60);
    expect(market.hasWorked(id, rested.now - 20 * MINUTE, rested.now - SECOND)).toBe(false);
    expect(market.use('1', 'rests')).toBe(false);
  });

  it('begins anew with each boot', async () => {
    const { clock, market } = marketWorld({ work: ['trains'] });
    const { id } = await rentOn(market, pickHost(market, 'vastai'));
    clock.advance(HOUR);
    const { counters } = inside(market, id);
    market.stop(id, { release: false });
    clock.advance(MINUTE);
    market.start(id);
    clock.advance(5 * MINUTE);
    expect(inside(market, id).counters.cpuSeconds).toBeLessThan(counters.cpuSeconds);
  });
});

describe('what befalls a machine', () => {
  async function served(kind: Market = 'vastai') {
    const world = marketWorld();
    const { market, clock } = world;
    const { id } = await rentOn(market, pickHost(market, kind), { bootKeys: [KEY] });
    clock.advance(10 * MINUTE);
    return { ...world, id, knock: () => knockAt(market, id) };
  }

  function knockAt(market: SimMarket, id: string) {
    const { sshHost: host, sshPort: port } = look(market, id);
    return market.knock({ host, port, user: 'root', publicKey: KEY });
  }

  it('may be that its keys are wiped, until they are attached again', async () => {
    const { market, clock, id, knock } = await served();
    expect(market.befall(id, 'keys lost', 0)).toBe(true);
    expect(knock().kind).toBe('auth_failed');
    expect(market.keys(id)).toEqual([]);
    market.attachKey(id, KEY);
    clock.advance(20 * SECOND);
    expect(knock().kind).toBe('open');
  });

  it('may be that it is set up anew, or is somebody else’s now', async () => {
    const anew = await served();
    const first = anew.knock();
    anew.market.befall(anew.id, 'reinstalled', 0);
    expect(anew.knock()).toMatchObject({ kind: 'auth_failed' });
    expect(anew.knock()).not.toMatchObject({ hostKey: 'hostKey' in first ? first.hostKey : '' });
    const strange = await served();
    strange.market.befall(strange.id, 'another machine', 0);
    const { sshHost: host, sshPort: port } = look(strange.market, strange.id);
    const anybody = { host, port, user: 'root', publicKey: 'ssh-ed25519 AAAA nobody' };
    expect(strange.market.knock(anybody).kind).toBe('open');
  });

  it('may be that its host is away, which Vast.ai says and does not charge', async () => {
    const { market, clock, id, knock } = await served();
    const { gpu } = market.bill(id);
    market.befall(id, 'offline', 5 * MINUTE);
    clock.advance(4 * MINUTE);
    expect(knock().kind).toBe('hangs');
    expect(market.bill(id).gpu).toBe(gpu);
    expect(look(market, id)).toMatchObject({ state: 'running', offlineSince: expect.any(Number) });
    clock.advance(2 * MINUTE);
    expect(knock().kind).toBe('open');
    expect(market.bill(id).gpu).toBeGreaterThan(gpu);
  });

  it('may be that logins stall, for a while', async () => {
    const { market, clock, id, knock } = await served('tensordock');
    market.befall(id, 'logins stall', 2 * MINUTE);
    expect(knock().kind).toBe('stalls');
    clock.advance(3 * MINUTE);
    expect(knock().kind).toBe('open');
    expect(market.mishaps()).toMatchObject([{ kind: 'logins stall', id }]);
  });

  it('is drawn for each run, and no more once the market is honest', async () => {
    const mishaps = [
      {
        kind: 'offline',
        share: 1,
        afterMs: { low: 20 * MINUTE, high: 30 * MINUTE },
        lastMs: { low: 0, high: 0 },
      },
    ] as const;
    const { clock, market } = marketWorld({ mishaps });
    await rentOn(market, pickHost(market, 'vastai'));
    advance(clock, HOUR);
    expect(market.mishaps()).toHaveLength(1);
    await rentOn(market, pickHost(market, 'tensordock'));
    market.becomeHonest();
    advance(clock, HOUR);
    expect(market.mishaps()).toHaveLength(1);
  });
});

function advance(clock: HandClock, ms: number): void {
  for (let passed = 0; passed < ms; passed += MINUTE) clock.advance(MINUTE);
}
