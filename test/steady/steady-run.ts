import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { ForgetEventsQuery, ForgetSessionsQuery, Store } from '../../src/ports/store.ts';
import { playedApp, playedWorld, type WorldOptions } from './played-app.ts';
import { type Sample, sampler } from './sample.ts';
import { realPause, type Served, workload } from './workload.ts';

export interface SteadyOptions {
  readonly looks: number;
  /** Between two of them, simulated. */
  readonly lookEveryMs: number;
  /** Sessions at any time. */
  readonly live: number;
  readonly hosts: WorldOptions['hosts'];
  readonly onLook: (look: number, sample: Sample, served: Served) => void;
}

/** Instead of 400 days, 90, 7 and 26 hours, so that as much is removed as is made before the first half is over. */
const SESSIONS_KEPT_MS = 6 * HOUR_MS;
const EVENTS_KEPT_MS = 3 * HOUR_MS;
const BILLS_AWAITED_MS = HOUR_MS;

/** One program at the same work for so long, looked at from time to time. */
export async function runSteadily(options: SteadyOptions): Promise<Served> {
  const { looks, lookEveryMs, live, hosts, onLook } = options;
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-steady-'));
  const databasePath = join(folder, 'gpu-broker.db');
  const world = playedWorld({ hosts, seed: 1 });
  const { clock, chance } = world;
  const around = (store: object): object => impatient(store as Store, () => clock.now());
  const app = await playedApp(world, { databasePath, around });
  const samples = sampler(databasePath);
  try {
    const starting = app.start();
    while (app.server.addresses().length === 0) await realPause();
    await clock.advance(2 * MINUTE_MS);
    await starting;
    const base = baseOf(app.server.addresses());
    const work = workload({ clock, chance: chance.fork('workload'), base, live });
    for (let look = 1; look <= looks; look += 1) {
      await work.pass(lookEveryMs);
      // The played market's own memory is none of the broker's.
      world.market.forgetGone(clock.now() - SESSIONS_KEPT_MS);
      onLook(look, samples.take(), work.served);
    }
    return work.served;
  } finally {
    samples.stop();
    const stopping = app.stop();
    await clock.advance(MINUTE_MS);
    await stopping;
    rmSync(folder, { recursive: true });
  }
}

/** The same store, which hears of hours where the configuration has days. */
function impatient(store: Store, now: () => number): Store {
  const sooner = (query: ForgetSessionsQuery): ForgetSessionsQuery => ({
    ...query,
    endedBefore: now() - SESSIONS_KEPT_MS,
    bills: { goneAfter: now() - BILLS_AWAITED_MS, settleMs: 0 },
  });
  const earlier = (query: ForgetEventsQuery): ForgetEventsQuery => {
    const before = now() - EVENTS_KEPT_MS;
    return { ...query, before, ofNoSessionBefore: before };
  };
  return {
    ...store,
    forgetSessions: (query) => store.forgetSessions(sooner(query)),
    forgetEvents: (query) => store.forgetEvents(earlier(query)),
  };
}

function baseOf(addresses: readonly (object | string)[]): string {
  const [address] = addresses;
  const port: unknown = address instanceof Object ? Reflect.get(address, 'port') : undefined;
  if (typeof port !== 'number') throw new Error('the API has no port');
  return `http://127.0.0.1:${port}`;
}
