import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActivityRecord } from '../../src/domain/activity/activity.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { isFinalInstance } from '../../src/domain/instance.ts';
import { isTerminalStatus, type Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { playedApp, playedWorld } from '../steady/played-app.ts';
import { realPause, workload } from '../steady/workload.ts';

/** A session that came to its end, and all that was written of it on the way. */
export interface Lived {
  readonly session: Session;
  readonly events: readonly BrokerEvent[];
  readonly activity: readonly ActivityRecord[];
}

const HOURS = 5;
const LIVE = 12;
const MAX_ROWS = 10_000;

/** Sessions of one to three hours as the program itself has written them, in so many simulated hours. */
export async function livedSessions(): Promise<readonly Lived[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-samples-'));
  const databasePath = join(folder, 'gpu-broker.db');
  try {
    await live(databasePath);
    const { store } = await openStore({ path: databasePath, newDeploymentId: () => 'never' });
    const lived = await readAll(store);
    await store.close();
    return lived;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function live(databasePath: string): Promise<void> {
  const world = playedWorld({ hosts: { vast: 40, tensordock: 20 }, seed: 3 });
  const { clock, chance } = world;
  const app = await playedApp(world, { databasePath });
  const starting = app.start();
  while (app.server.addresses().length === 0) await realPause();
  await clock.advance(2 * MINUTE_MS);
  await starting;
  const [address] = app.server.addresses();
  if (typeof address !== 'object') throw new Error('the API has no port');
  const base = `http://127.0.0.1:${address.port}`;
  await workload({ clock, chance: chance.fork('workload'), base, live: LIVE }).pass(
    HOURS * HOUR_MS,
  );
  const stopping = app.stop();
  await clock.advance(MINUTE_MS);
  await stopping;
}

async function readAll(store: Store): Promise<readonly Lived[]> {
  const { sessions } = await store.page({ limit: MAX_ROWS, offset: 0 });
  const over = sessions.filter(
    ({ status, instances }) =>
      isTerminalStatus(status) && instances.every(({ state }) => isFinalInstance(state)),
  );
  return Promise.all(
    over.map(async (session) => ({
      session,
      events: await store.events(session.id, MAX_ROWS),
      activity: await store.activityOf(session.id, MAX_ROWS),
    })),
  );
}
