import { type Broker, createBroker } from '../../src/broker.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Random } from '../../src/ports/random.ts';
import type { Note, Recorder } from '../../src/ports/recorder.ts';
import type { RemoteShell } from '../../src/ports/remote-shell.ts';
import type { WorkloadProbe } from '../../src/ports/workload-probe.ts';
import type { WireFetch } from '../../src/providers/wire-fetch.ts';
import type { SimCredentials } from '../../src/simulator/model.ts';
import type { Database } from '../../src/store/database.ts';
import { openStoreOn } from '../../src/store/open-store.ts';
import type { Books } from './books.ts';
import { onDisk } from './disk.ts';
import { plainKeys } from './fakes.ts';
import type { Incarnation } from './incarnation.ts';
import type { Plan } from './plan.ts';
import { providersOver } from './providers.ts';
import { rememberedReads } from './remembered-reads.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface LifeParts {
  readonly incarnation: Incarnation;
  readonly clock: VirtualClock;
  /** How far the broker's wall clock is from the world's. */
  readonly skewMs: () => number;
  readonly isDiskFull: () => boolean;
  readonly random: Random;
  readonly database: Database;
  readonly books: Books;
  readonly fetch: WireFetch;
  readonly shell: RemoteShell;
  readonly probe: WorkloadProbe;
  readonly credentials: SimCredentials;
  readonly deploymentId: string;
  readonly plan: Pick<Plan, 'apis' | 'policy' | 'ranking'>;
  readonly onEvent: (event: BrokerEvent) => void;
  readonly onNote: (note: Note) => void;
}

/** One process of the broker: the real constructor over the real adapters, with everything that leaves it behind a gate. */
export async function startLife(parts: LifeParts): Promise<Broker> {
  const { incarnation, books, deploymentId, plan } = parts;
  const opened = await openStoreOn(parts.database, {
    deploymentId,
    newDeploymentId: () => deploymentId,
  });
  const clock = gatedClock(parts);
  const recorder = gatedRecorder(parts);
  const broker = createBroker(
    {
      store: incarnation.guard(rememberedReads(onDisk(books.over(opened.store), parts.isDiskFull))),
      providers: providersOf(parts, clock, recorder),
      shell: incarnation.guard(parts.shell),
      probe: incarnation.guard(parts.probe),
      keys: plainKeys,
      clock,
      random: parts.random,
      recorder,
      deploymentId,
      ...(plan.ranking ? { ranking: plan.ranking } : {}),
    },
    plan.policy,
  );
  // A life that ends during its start never gets past this point; nobody waits for it.
  void broker.start();
  return broker;
}

function providersOf(parts: LifeParts, clock: Clock, recorder: Recorder): readonly Provider[] {
  const fetch: WireFetch = (request, signal) =>
    parts.incarnation.cross(() => parts.fetch(request, signal));
  const transport = { fetch, clock, recorder };
  const { plan, credentials } = parts;
  return providersOver(transport, { apis: plan.apis, credentials });
}

function gatedClock({ clock, incarnation, skewMs }: LifeParts): Clock {
  return {
    now: () => clock.now() + skewMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, callback) =>
      clock.after(delayMs, () => {
        if (incarnation.isAlive) callback();
      }),
  };
}

function gatedRecorder({ incarnation, onEvent, onNote }: LifeParts): Recorder {
  return {
    event: (event) => {
      if (incarnation.isAlive) onEvent(event);
    },
    note: (note) => {
      if (incarnation.isAlive) onNote(note);
    },
  };
}
