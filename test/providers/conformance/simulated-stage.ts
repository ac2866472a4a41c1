import assert from 'node:assert/strict';
import type { Observation } from '../../../src/domain/instance.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import type { LaunchOrder } from '../../../src/ports/provider.ts';
import { WireError, type WireRequest } from '../../../src/providers/wire-fetch.ts';
import { createChance } from '../../../src/simulator/chance.ts';
import { DEFAULT_QUIRKS } from '../../../src/simulator/default-options.ts';
import {
  createMarketplace,
  type MarketOptions,
  type SimMarket,
} from '../../../src/simulator/market.ts';
import type { FacadeQuirks, SimHost, SimInstance } from '../../../src/simulator/model.ts';
import { playWire } from '../../../src/simulator/wire.ts';
import { NO_FAULTS, type WireFaults } from '../../../src/simulator/wire-faults.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { demand } from './demand.ts';
import { orderFor, PUBLIC_KEY } from './launch-order.ts';
import { type Stage, stageFor } from './stage.ts';
import type { ConformanceSubject } from './subject.ts';

/** The adapter in front of its API as the simulated marketplace plays it. */
export interface SimulatedStage extends Stage {
  readonly market: SimMarket;
  /** Everything that was sent, in order. */
  readonly requests: readonly WireRequest[];
  /** What goes wrong from now on. */
  trouble(faults: Partial<WireFaults>): void;
  /** The cheapest offer now. */
  offer(): Promise<Offer>;
  /** Rents the cheapest offer and gives the session's key access. */
  rent(overrides?: Partial<LaunchOrder>): Promise<string>;
  /** Time passes until the provider shows this of the machine; never is a failure. */
  seen(id: string, isSo: (seen: Observation) => boolean): Promise<Observation>;
  /** Time passes until the provider no longer knows the machine; never is a failure. */
  gone(id: string): Promise<void>;
  /** The marketplace's truth, which no façade shows whole. */
  truth(id: string): SimInstance;
  /** The machines under this tag that run up cost. */
  living(tag: string): readonly SimInstance[];
}

export interface Wishes {
  readonly hosts?: readonly Partial<SimHost>[];
  readonly market?: Partial<Omit<MarketOptions, 'clock' | 'chance' | 'hosts' | 'credentials'>>;
  readonly quirks?: Partial<FacadeQuirks>;
  readonly rateLimits?: true;
}

/** Machines with cards for everybody, each at a place of its own. */
export const ROOMY: readonly Partial<SimHost>[] = Array.from({ length: 40 }, (_, index) => {
  const hex = (index + 1).toString(16).padStart(12, '0');
  const machineId = 17_000 + index;
  return {
    // Either form of id; the façade that knows the machine by its number makes the id of that.
    id: `bbbbbbbb-0000-4000-8000-${hex}`,
    locationId: `aaaaaaaa-0000-4000-8000-${hex}`,
    machineId,
    gpuCount: 8,
  };
});

const MINUTE_MS = 60_000;
/** Longer than any boot, stop or delete takes at the marketplace. */
const LONGEST_WAIT_MS = 20 * MINUTE_MS;
const LOOK_EACH_MS = 5_000;

export function simulatedStage(subject: ConformanceSubject, wishes: Wishes = {}): SimulatedStage {
  const clock = manualClock();
  const { simulator, credentials } = subject;
  const market = createMarketplace({
    ...wishes.market,
    clock,
    chance: createChance('conformance'),
    credentials,
    hosts: (wishes.hosts ?? ROOMY.slice(0, 1)).map((host) => simulator.host(host)),
  });
  const requests: WireRequest[] = [];
  let faults = NO_FAULTS;
  const wire = playWire({
    facades: simulator.facades(market, {
      rateLimits: wishes.rateLimits ?? false,
      quirks: { ...DEFAULT_QUIRKS, ...wishes.quirks },
    }),
    clock,
    chance: createChance('wire'),
    faults: () => faults,
    asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
  });
  const stage = stageFor(
    subject,
    (request, signal) => {
      requests.push(request);
      return wire(request, signal);
    },
    clock,
  );
  return {
    ...stage,
    ...acts(stage, market),
    market,
    requests,
    trouble: (troubles) => {
      faults = { ...NO_FAULTS, ...troubles };
    },
  };
}

function acts(stage: Stage, market: SimMarket) {
  const { provider, done, clock } = stage;

  async function offer(): Promise<Offer> {
    const [cheapest] = await done(provider.offers());
    demand(cheapest, 'nothing is on offer');
    return cheapest;
  }

  async function until<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
    for (let waited = 0; waited < LONGEST_WAIT_MS; waited += LOOK_EACH_MS) {
      const found = await look();
      if (found !== undefined) return found;
      await clock.advance(LOOK_EACH_MS);
    }
    return assert.fail('it did not come about in twenty minutes');
  }

  return {
    offer,
    async rent(overrides: Partial<LaunchOrder> = {}) {
      const order = orderFor(overrides.offer ?? (await offer()), overrides);
      const { id } = await done(provider.launch(order));
      await done(provider.grantAccess(id, PUBLIC_KEY));
      return id;
    },
    seen: (id: string, isSo: (seen: Observation) => boolean) =>
      until(async () => {
        const found = await done(provider.get(id));
        return found && isSo(found) ? found : undefined;
      }),
    gone: async (id: string) => {
      await until(async () => ((await done(provider.get(id))) ? undefined : true));
    },
    truth(id: string) {
      const instance = market.instance(id);
      demand(instance, `the marketplace knows no ${id}`);
      return instance;
    },
    living: (tag: string) =>
      market.instances().filter(({ label, goneAt }) => label === tag && goneAt === null),
  };
}
