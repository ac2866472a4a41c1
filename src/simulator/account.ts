import { stop } from './life.ts';
import type { Market, SimCredentials } from './model.ts';
import { creditOf, type InstanceRecord, type World } from './world.ts';

/** What can happen to the account at a market itself. */
export interface AccountActs {
  /** From now on the market takes none of the account's keys. */
  revokeKeys(market: Market): void;
  /** The keys that were revoked are taken again. */
  restoreKeys(market: Market): void;
  /**
   * All credit is used up, and nothing more is rented. Vast.ai stops what runs (facts §13.1); TensorDock was seen to let
   * it run on (facts, first table).
   */
  drainCredit(market: Market): void;
  /** Prepaid dollars, on top of what is left. */
  payIn(market: Market, usd: number): void;
}

/** An account's keys as the market takes them at the moment. */
export interface KeyRing {
  readonly credentials: SimCredentials;
  readonly revoked: Set<Market>;
}

const MICRO_PER_USD = 1_000_000;

/** Read anew at each use, by whoever holds the object: a key may be revoked in between. */
export function keyRing({ vastKey, tensordockToken, tensordockAuthId }: SimCredentials): KeyRing {
  const revoked = new Set<Market>();
  const taken = (market: Market, key: string): string =>
    revoked.has(market) ? `not ${key} any more` : key;
  return {
    revoked,
    credentials: {
      get vastKey() {
        return taken('vastai', vastKey);
      },
      get tensordockToken() {
        return taken('tensordock', tensordockToken);
      },
      get tensordockAuthId() {
        return taken('tensordock', tensordockAuthId);
      },
    },
  };
}

export function accountActs(world: World, { revoked }: KeyRing): AccountActs {
  return {
    revokeKeys: (market) => void revoked.add(market),
    restoreKeys: (market) => void revoked.delete(market),
    drainCredit(market) {
      world.agenda.runDue();
      credit(world, market, -creditOf(world, market));
      if (market === 'vastai') for (const record of ours(world, market)) stopUnpaid(world, record);
    },
    payIn: (market, usd) => credit(world, market, Math.round(usd * MICRO_PER_USD)),
  };
}

function credit(world: World, market: Market, microUsd: number): void {
  world.deposit = { ...world.deposit, [market]: world.deposit[market] + microUsd };
}

function ours(world: World, market: Market): readonly InstanceRecord[] {
  const isOurs = ({ view, isForeign }: InstanceRecord): boolean =>
    view.market === market && !isForeign && view.state !== 'gone';
  return [...world.records.values()].filter(isOurs);
}

function stopUnpaid(world: World, record: InstanceRecord): void {
  stop(world, record, {
    at: world.clock.now(),
    isReleased: false,
    by: 'lack of credit',
    reason: 'lack of credit',
  });
}
