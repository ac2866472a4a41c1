import { type Broker, createBroker } from '../../src/broker.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { Session, SessionRequest } from '../../src/domain/session.ts';
import { SECOND_MS } from '../../src/domain/time.ts';
import type { Keys } from '../../src/ports/keys.ts';
import type { Random } from '../../src/ports/random.ts';
import type { Store } from '../../src/ports/store.ts';
import type { CreatedSession } from '../../src/sessions/session-service.ts';
import type { Database } from '../../src/store/database.ts';
import { openStoreOn } from '../../src/store/open-store.ts';
import { DEPLOYMENT, offer, PUBLIC_KEY, request } from './builders.ts';
import { openEmptyDatabase } from './empty-database.ts';
import { type FakeProbe, fakeProbe } from './fake-probe.ts';
import { type FakeProvider, fakeProvider } from './fake-provider.ts';
import { type FakeShell, fakeShell } from './fake-shell.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { type RecordingRecorder, recordingRecorder } from './recording-recorder.ts';

/** A whole broker over a real store in memory and a market that does what the test says. */
export interface BrokerWorld {
  readonly clock: ManualClock;
  readonly provider: FakeProvider;
  readonly shell: FakeShell;
  readonly probe: FakeProbe;
  readonly recorder: RecordingRecorder;
  readonly store: Store;
  readonly broker: Broker;
  /** Another life of the broker over the same database and market; the old one is stopped first, unless it is to die. */
  restart(how?: 'stopped' | 'killed'): Promise<void>;
  /** Starts a create and gives it a second, in which nothing is asked again. */
  create(overrides?: Partial<SessionRequest>): Promise<CreatedSession>;
  session(id: string): Promise<Session>;
  kinds(): readonly BrokerEvent['kind'][];
  close(): Promise<void>;
}

export interface WorldSetUp {
  readonly policy?: Partial<Policy>;
  readonly clock?: ManualClock;
  /** In order of preference; one that offers a single machine where none are given. */
  readonly providers?: readonly FakeProvider[];
  /** Stands between the broker and the real store. */
  readonly around?: (store: Store) => Store;
  /** Asked at the start of each life. */
  readonly keys?: () => Keys;
  /** Left out, the broker is started and its first offers are in. */
  readonly start?: 'not yet';
}

/** Sealing that is readable text, and keys and tokens that only name their session. */
const plainKeys: Keys = {
  generate: (comment) => ({ publicKey: PUBLIC_KEY, privateKey: `private key of ${comment}` }),
  seal: (plain, context) => `sealed:${context}:${plain}`,
  open: (sealed, context) => sealed.slice(`sealed:${context}:`.length),
  tokenFor: (context) => `token of ${context}`,
  tokenHash: (token) => `hash of ${token}`,
  isTokenOf: (hash, token) => hash === `hash of ${token}`,
};

function countingRandom(): Random {
  let made = 0;
  return {
    next: () => 0.5,
    token: (length) => {
      made += 1;
      return made.toString(36).padStart(length, '0');
    },
  };
}

export async function brokerWorld(setUp: WorldSetUp = {}): Promise<BrokerWorld> {
  const clock = setUp.clock ?? manualClock();
  const providers = setUp.providers ?? [fakeProvider({ clock, menu: [offer()] })];
  const [provider] = providers;
  if (!provider) throw new Error('a world has a provider');
  const database = openEmptyDatabase();
  const world = { clock, providers, database, setUp, random: countingRandom() };
  const shell = fakeShell();
  const probe = fakeProbe();
  const recorder = recordingRecorder();
  let life = await openLife(world, { shell, probe, recorder });
  if (setUp.start !== 'not yet') await begin(clock, life.broker);
  const session = async (id: string): Promise<Session> => {
    const found = await life.store.load(id);
    if (!found) throw new Error(`no session ${id}`);
    return found;
  };
  return {
    clock,
    provider,
    shell,
    probe,
    recorder,
    get store() {
      return life.store;
    },
    get broker() {
      return life.broker;
    },
    restart: async (how = 'stopped') => {
      if (how === 'stopped') await settleWith(clock, life.broker.stop());
      else life.kill();
      life = await openLife(world, { shell, probe, recorder });
      await begin(clock, life.broker);
    },
    create: (overrides) => {
      const creating = life.broker.sessions.create({ request: request(overrides) });
      return settleWith(clock, creating);
    },
    session,
    kinds: () => recorder.events.map(({ kind }) => kind),
    close: async () => {
      await settleWith(clock, life.broker.stop());
      await database.close();
    },
  };
}

interface Foundation {
  readonly clock: ManualClock;
  readonly providers: readonly FakeProvider[];
  readonly database: Database;
  readonly setUp: WorldSetUp;
  readonly random: Random;
}

interface Senses {
  readonly shell: FakeShell;
  readonly probe: FakeProbe;
  readonly recorder: RecordingRecorder;
}

async function openLife(world: Foundation, { shell, probe, recorder }: Senses) {
  const { clock, providers, database, setUp, random } = world;
  const opened = await openStoreOn(database, { newDeploymentId: () => DEPLOYMENT });
  const store = setUp.around?.(opened.store) ?? opened.store;
  const keys = setUp.keys?.() ?? plainKeys;
  const grip = mortal({ store, providers });
  const ports = { ...grip.ports, shell, probe, keys, clock, random, recorder };
  const policy = { ...DEFAULT_POLICY, ...setUp.policy };
  const broker = createBroker({ ...ports, deploymentId: opened.deploymentId }, policy);
  return { store, broker, kill: grip.kill };
}

/** The world as one life of a process holds it: once killed, it reaches nothing and hears nothing any more. */
function mortal(world: { readonly store: Store; readonly providers: readonly FakeProvider[] }) {
  let isAlive = true;
  const forever = new Promise<never>(() => {});
  const guard = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name === 'power' && value instanceof Object) return guard(value);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (!isAlive) return forever;
          try {
            return await Reflect.apply(value, target, args);
          } finally {
            if (!isAlive) await forever;
          }
        };
      },
    });
  return {
    ports: { store: guard(world.store), providers: world.providers.map(guard) },
    kill: () => {
      isAlive = false;
    },
  };
}

async function begin(clock: ManualClock, broker: Broker): Promise<void> {
  await settleWith(clock, broker.start());
  await clock.advance(0);
}

/** Lets time pass a little, so that what needs no more than a turn of the loop comes to its end. */
async function settleWith<Value>(clock: ManualClock, work: Promise<Value>): Promise<Value> {
  // A rejection that comes while time passes is the caller's, not the process's.
  work.catch(() => {});
  await clock.advance(SECOND_MS);
  return work;
}
