import { describe, expect, it } from 'vitest';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { SimBillParts, SimHost, SimInstance } from '../../src/simulator/model.ts';
import type { HandClock } from './hand-clock.ts';
import {
  advanceUntil,
  HOUR,
  look,
  MINUTE,
  marketWorld,
  pickHost,
  rentOn,
  SECOND,
} from './market-world.ts';

/** Watches an instance every second and adds its rates up anew, by what the state alone says. */
function watch(clock: HandClock, market: SimMarket, id: string) {
  const sums = { gpu: 0n, cpu: 0n, ram: 0n, disk: 0n };
  let last: SimInstance = look(market, id);
  let lastAt = clock.now();
  const add = (until: number, seen: SimInstance) => {
    const rates = expectedRates(seen);
    for (const part of ['gpu', 'cpu', 'ram', 'disk'] as const) {
      sums[part] += BigInt(rates[part]) * BigInt(until - lastAt);
    }
    lastAt = until;
  };
  return {
    advance(durationMs: number) {
      const until = clock.now() + durationMs;
      while (clock.now() < until) {
        clock.advance(Math.min(SECOND, until - clock.now()));
        const seen = look(market, id);
        // At most one change a second is looked for: the span before it has the old rates.
        if (seen.stateSince > lastAt) add(seen.stateSince, last);
        add(clock.now(), seen);
        last = seen;
      }
    },
    noteChange() {
      last = look(market, id);
    },
    total(): SimBillParts {
      const round = (sum: bigint) => Number((sum + 1_800_000n) / 3_600_000n);
      return {
        gpu: round(sums.gpu),
        cpu: round(sums.cpu),
        ram: round(sums.ram),
        disk: round(sums.disk),
      };
    },
  };
}

function expectedRates(seen: SimInstance): SimBillParts {
  const { rates } = seen.host;
  const micro = (usd: number) => Math.round(usd * 1e6);
  if (seen.state === 'gone') return { gpu: 0, cpu: 0, ram: 0, disk: 0 };
  if (seen.market === 'vastai') {
    const gpu = seen.state === 'running' ? micro(rates.gpuHour * seen.gpuCount) : 0;
    return { gpu, cpu: 0, ram: 0, disk: micro((rates.storage * seen.diskGb) / 720) };
  }
  const disk = micro(rates.storage * seen.diskGb);
  if (seen.released) return { gpu: 0, cpu: 0, ram: 0, disk };
  return {
    gpu: micro(rates.gpuHour * seen.gpuCount),
    cpu: micro(rates.vcpuHour * seen.vcpus),
    ram: micro(rates.ramGbHour * seen.ramGb),
    disk,
  };
}

describe("the market's bill", () => {
  it('charges Vast.ai disks from creation to the end and GPUs while they run', async () => {
    const { clock, market } = marketWorld();
    const { id } = await rentOn(market, pickHost(market, 'vastai', 2), { gpuCount: 2, diskGb: 60 });
    const watcher = watch(clock, market, id);
    watcher.advance(10 * MINUTE);
    expect(look(market, id).state).toBe('running');
    market.stop(id, { release: false });
    watcher.noteChange();
    watcher.advance(7 * MINUTE);
    expect(look(market, id).state).toBe('stopped');
    expect(market.start(id)).toBe('started');
    watcher.noteChange();
    watcher.advance(33 * MINUTE + 123);
    market.destroy(id);
    watcher.noteChange();
    watcher.advance(MINUTE);
    expect(look(market, id)).toMatchObject({ state: 'gone', endedBy: 'renter' });
    expect(market.bill(id)).toEqual(watcher.total());
    expect(market.bill(id).gpu).toBeGreaterThan(0);
  });

  it('charges TensorDock everything until the end, and the disk alone once released', async () => {
    const { clock, market } = marketWorld();
    const { id } = await rentOn(market, pickHost(market, 'tensordock'));
    const watcher = watch(clock, market, id);
    watcher.advance(20 * MINUTE);
    market.stop(id, { release: false });
    watcher.noteChange();
    watcher.advance(5 * MINUTE);
    expect(market.rate(id)).toMatchObject({ gpu: look(market, id).host.rates.gpuHour });
    market.stop(id, { release: true });
    watcher.noteChange();
    watcher.advance(50 * MINUTE);
    expect(market.rate(id)).toMatchObject({ gpu: 0, cpu: 0, ram: 0 });
    market.destroy(id);
    watcher.noteChange();
    watcher.advance(MINUTE);
    expect(look(market, id).state).toBe('gone');
    expect(market.bill(id)).toEqual(watcher.total());
  });

  it('charges an interruptible instance its bid', async () => {
    const { clock, market } = marketWorld();
    const order = { interruptible: true, bid: 0.123457 };
    const { id } = await rentOn(market, pickHost(market, 'vastai'), order);
    advanceUntil(clock, () => look(market, id).state === 'running');
    expect(market.rate(id).gpu).toBe(0.123457);
    const before = market.bill(id).gpu;
    clock.advance(HOUR);
    expect(market.bill(id).gpu - before).toBe(123_457);
  });

  it('is the same whether somebody looks all the time or never', async () => {
    const bills: SimBillParts[] = [];
    for (const stepMs of [SECOND, 6 * HOUR]) {
      const { clock, market } = marketWorld();
      const { id } = await rentOn(market, pickHost(market, 'vastai'));
      for (let passed = 0; passed < 6 * HOUR; passed += stepMs) {
        clock.advance(stepMs);
        market.bill(id);
      }
      bills.push(market.bill(id));
    }
    expect(bills[0]).toEqual(bills[1]);
  });

  it('takes the bill from the credit, and refuses a launch without credit', async () => {
    const { clock, market } = marketWorld({ credit: { vastai: 0.5, tensordock: 100 } });
    const host: SimHost = pickHost(market, 'vastai');
    const { id } = await rentOn(market, host);
    clock.advance(100 * HOUR);
    const { gpu, disk } = market.bill(id);
    expect(market.credit('vastai')).toBeCloseTo(0.5 - (gpu + disk) / 1e6, 9);
    expect(market.credit('tensordock')).toBe(100);
    expect(market.credit('vastai')).toBeLessThan(0);
    market.destroy(id);
    await expect(rentOn(market, host)).rejects.toThrow('no_credit');
  });

  it('tells which instances with a label still run up cost', async () => {
    const { clock, market } = marketWorld();
    const { id } = await rentOn(market, pickHost(market, 'vastai'), { label: 'mine' });
    await rentOn(market, pickHost(market, 'tensordock'), { label: 'mine too' });
    clock.advance(MINUTE);
    expect(market.openBills('mine').map((open) => open.instance.id)).toEqual([id]);
    market.destroy(id);
    expect(market.openBills('mine')).toEqual([]);
  });
});
