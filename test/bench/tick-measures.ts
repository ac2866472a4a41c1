import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS } from '../../src/domain/time.ts';
import { single } from './live-measures.ts';
import { Usage } from './messages.ts';
import type { Contestant } from './pairs.ts';
import type { Row } from './rows.ts';
import { newDatabasePath, type Scene, withBroker } from './scene.ts';
import { storeSessions } from './stored-sessions.ts';

const FEW = 10;
const MANY = 10_000;
const LINES_EACH = 8;
/** As often as may be, so that what a tick costs stands out of what else goes on. */
const TICK = '1s';
const SETTLE_MS = 5_000;
const QUIET_MS = 20_000;
const TICKS = QUIET_MS / 1_000;
/** What a thousand times as many stored sessions may add, where nothing is due. */
const ALLOWED_TIMES = 1.5;

/** What the broker spends on its ticks while nothing is due, with few and with many sessions stored. */
export async function measureTicks(scene: Scene): Promise<readonly Row[]> {
  const few = await microsOfTick(scene, FEW);
  const many = await microsOfTick(scene, MANY);
  const what = `cost of a tick, ${MANY} stored sessions to ${FEW}, nothing due`;
  const growth = { value: many / few, bar: ALLOWED_TIMES, unit: '×' };
  return [{ ...single('tick_growth', what, growth), details: { few, many } }];
}

async function microsOfTick(scene: Scene, count: number): Promise<number> {
  scene.say(`ticks with ${count} sessions`);
  const path = newDatabasePath();
  const now = Date.now();
  await storeSessions({ path, count, linesEach: LINES_EACH, spanMs: 30 * DAY_MS, now });
  return withBroker(scene.built, { offers: 100, database: path, tick: TICK }, async (broker) => {
    await sleep(SETTLE_MS);
    return quietMicros(broker);
  });
}

async function quietMicros({ process }: Contestant): Promise<number> {
  const before = await process.ask({ kind: 'usage' }, Usage);
  await sleep(QUIET_MS);
  const after = await process.ask({ kind: 'usage' }, Usage);
  return (after.cpuMicros - before.cpuMicros) / TICKS;
}
