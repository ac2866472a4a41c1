import type { BillingRule } from '../../src/domain/billing.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { SessionRequest } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { type FakeInstance, type FakeProvider, fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

/** 40 cents an hour while it runs, 2 of them for the disk, which is billed from creation to destruction. */
const METERED = {
  created: ['disk'],
  running: ['gpu', 'cpu', 'ram', 'disk'],
  stopped: ['disk'],
} as const;
export const RUNNING_RATE = 400_000;
export const DISK_RATE = 20_000;

/** For the long spans: loops that turn seldom, because nothing here depends on how often they do. */
export const SLOW: Partial<Policy> = {
  lifecycleTickMs: 5 * MINUTE_MS,
  watchIntervalMs: MINUTE_MS,
  reconcileIntervalMs: 10 * MINUTE_MS,
  offersRefreshMs: HOUR_MS,
};

export interface KeptWorldSetUp {
  readonly request?: Partial<SessionRequest>;
  readonly policy?: Partial<Policy>;
  readonly around?: (store: Store) => Store;
  readonly billing?: BillingRule;
}

export interface KeptWorld {
  readonly world: BrokerWorld;
  readonly provider: FakeProvider;
  readonly id: string;
  readonly machine: FakeInstance;
}

/** A broker with one session that runs and is to keep its disk. */
export async function keptWorld(setUp: KeptWorldSetUp = {}): Promise<KeptWorld> {
  const clock = manualClock();
  const menu = [offer({ preservable: true })];
  const { policy, around, billing = METERED } = setUp;
  const provider = fakeProvider({ clock, menu, billing });
  const world = await brokerWorld({
    clock,
    providers: [provider],
    ...(policy ? { policy } : {}),
    ...(around ? { around } : {}),
  });
  const { session } = await world.create({ keepsDisk: true, ...setUp.request });
  await clock.advance((policy?.watchIntervalMs ?? 0) + 10 * SECOND_MS);
  const [machine] = provider.instances;
  const { status } = await world.session(session.id);
  if (!machine || status !== 'running') throw new Error(`a session runs, not ${status}`);
  return { world, provider, id: session.id, machine };
}

/** The same, done with and stopped, its disk kept. */
export async function stoppedWorld(setUp: KeptWorldSetUp = {}): Promise<KeptWorld> {
  const kept = await keptWorld(setUp);
  const { world, id } = kept;
  await world.broker.sessions.done(id);
  await world.clock.advance(5 * SECOND_MS);
  const { status } = await world.session(id);
  if (status !== 'stopped') throw new Error(`a session is stopped, not ${status}`);
  return kept;
}
