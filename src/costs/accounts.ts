import {
  type Balance,
  type Commitment,
  lastsForMs,
  NOTHING_COMMITTED,
  type Reservation,
  reservationOf,
  type Shortfall,
  shortfallOf,
} from '../domain/budget.ts';
import type { ProviderName } from '../domain/ids.ts';
import type { MicroUsd } from '../domain/money.ts';
import type { Offer } from '../domain/offer.ts';
import type { Policy } from '../domain/policy.ts';
import type { SessionRequest } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { AccountStatement } from '../ports/provider.ts';
import type { ProviderCommitment, Store } from '../ports/store.ts';
import { type Spending, SpendingMeter } from './spending.ts';

/** How an account at a marketplace stands. Two APIs of one marketplace share it. */
export interface AccountHealth {
  readonly provider: ProviderName;
  /** Undefined where the marketplace does not tell, or has not yet. */
  readonly balance?: Balance;
  /** Micro-dollars an hour that this broker runs up there; undefined before the first look. */
  readonly burnPerHour?: MicroUsd;
  /** Micro-dollars an hour that all of the account runs up, others' machines included; undefined where it does not tell. */
  readonly accountBurnPerHour?: MicroUsd;
  /** How long the balance lasts at the larger of the two; undefined where none is known, or nothing runs up. */
  readonly lastsForMs?: number;
  /** Undefined before the balance was read twice. */
  readonly spending?: Spending;
}

/** What the accounts can pay for at one moment. */
export interface Budget {
  /** What the offer's account lacks to pay for the reservation; undefined where it lacks nothing, or nobody knows. */
  shortfallOf(offer: Offer, request: SessionRequest): Shortfall | undefined;
  /** The same for what is reckoned already. */
  shortfallFor(reservation: Reservation): Shortfall | undefined;
}

/** What was chosen and is not written down yet. One of the two has to be called. */
export interface Hold<Chosen> {
  readonly chosen: Chosen;
  /** It stands in the rows, and counts as part of them once they are read again. */
  stored(): void;
  /** It never will. */
  drop(): void;
}

interface Held {
  readonly provider: ProviderName;
  readonly amount: MicroUsd;
  isStored: boolean;
}

export interface AccountsParts {
  readonly providers: readonly { readonly name: ProviderName }[];
  readonly store: Pick<Store, 'commitments'>;
  readonly clock: Clock;
  readonly policy: Pick<Policy, 'checksBalance' | 'balanceRefreshMs'>;
}

/** A balance that could not be read for so many intervals may have been paid into since: it refuses nothing. */
const BELIEVED_INTERVALS = 5;

/** The balances as they were last read, and what runs up beside them. Kept in memory: after a restart they are read again. */
export class Accounts {
  readonly #parts: AccountsParts;
  readonly #names: readonly ProviderName[];
  readonly #balances = new Map<ProviderName, Balance>();
  readonly #burns = new Map<ProviderName, MicroUsd>();
  readonly #meters: ReadonlyMap<ProviderName, SpendingMeter>;
  #commitments: ReadonlyMap<ProviderName, Commitment> | undefined;
  /** What was chosen and may not be in {@link #commitments} yet; each is gone once it is, or never will be. */
  readonly #holds = new Set<Held>();

  constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#names = [...new Set(parts.providers.map(({ name }) => name))];
    this.#meters = new Map(this.#names.map((name) => [name, new SpendingMeter()]));
  }

  note(provider: ProviderName, statement: AccountStatement, at: EpochMs): void {
    const { amount, burnPerHour } = statement;
    this.#balances.set(provider, { amount, at });
    if (burnPerHour === undefined) this.#burns.delete(provider);
    else this.#burns.set(provider, burnPerHour);
    this.#meters.get(provider)?.reads(statement, at);
  }

  /** Reads anew what runs up and what is promised. */
  async takeStock(): Promise<void> {
    const { store, clock } = this.#parts;
    const stored = [...this.#holds].filter(({ isStored }) => isStored);
    this.#commitments = byProvider(await store.commitments(clock.now()));
    for (const [provider, meter] of this.#meters) {
      const { burnPerHour } = this.#commitments.get(provider) ?? NOTHING_COMMITTED;
      meter.burns(burnPerHour, clock.now());
    }
    for (const hold of stored) this.#holds.delete(hold);
  }

  health(): readonly AccountHealth[] {
    const now = this.#parts.clock.now();
    return this.#names.map((provider) => this.#healthOf(provider, now));
  }

  /**
   * Chooses by what was last read, since reading takes long where there is much; where that lacks anything, once more by what
   * stands in the rows now, so that nothing is refused for the sake of what has ended meanwhile.
   */
  async choose<Chosen>(choose: (budget: Budget) => Chosen): Promise<Chosen> {
    const { policy } = this.#parts;
    if (!policy.checksBalance || this.#balances.size === 0) return choose(UNLIMITED);
    if (this.#commitments) {
      let isShort = false;
      const known = this.#budget();
      const watched = budgetBy((reservation) => {
        const found = known.shortfallFor(reservation);
        isShort ||= found !== undefined;
        return found;
      });
      const chosen = attempt(() => choose(watched));
      if (!isShort) return chosen();
    }
    await this.takeStock();
    return choose(this.#budget());
  }

  /** Chooses, and holds the money for what was chosen, in one step. */
  async rent<Chosen extends { readonly reservation: Reservation }>(
    choose: (budget: Budget) => Chosen,
  ): Promise<Hold<Chosen>> {
    let last: Hold<Chosen> | undefined;
    const dropLast = (): void => {
      last?.drop();
      last = undefined;
    };
    try {
      return await this.choose((budget) => {
        // The first choice was by what is not so any more.
        dropLast();
        last = this.#hold(choose(budget));
        return last;
      });
    } catch (error) {
      // Nobody gets this hold, and so nobody else would drop it.
      dropLast();
      throw error;
    }
  }

  /** What was chosen counts from that moment on, so that of two who ask at once each is held against the other. */
  #hold<Chosen extends { readonly reservation: Reservation }>(chosen: Chosen): Hold<Chosen> {
    const { provider, perHour, hours } = chosen.reservation;
    const held: Held = { provider, amount: perHour * hours, isStored: false };
    this.#holds.add(held);
    return {
      chosen,
      stored: () => {
        held.isStored = true;
      },
      drop: () => {
        this.#holds.delete(held);
      },
    };
  }

  #budget(): Budget {
    const now = this.#parts.clock.now();
    return budgetBy((reservation) => {
      const balance = this.#believed(reservation.provider, now);
      const commitment = this.#committedAt(reservation.provider);
      return balance && shortfallOf({ balance, commitment, now }, reservation);
    });
  }

  #committedAt(provider: ProviderName): Commitment {
    const commitment = this.#commitments?.get(provider) ?? NOTHING_COMMITTED;
    const held = [...this.#holds].filter((one) => one.provider === provider);
    const promised = held.reduce((sum, { amount }) => sum + amount, commitment.promised);
    return { ...commitment, promised };
  }

  #believed(provider: ProviderName, now: EpochMs): Balance | undefined {
    const balance = this.#balances.get(provider);
    const longestMs = BELIEVED_INTERVALS * this.#parts.policy.balanceRefreshMs;
    return balance && now - balance.at <= longestMs ? balance : undefined;
  }

  #healthOf(provider: ProviderName, now: EpochMs): AccountHealth {
    const balance = this.#balances.get(provider);
    const commitment = this.#commitments && (this.#commitments.get(provider) ?? NOTHING_COMMITTED);
    const accountBurnPerHour = this.#burns.get(provider);
    const spending = this.#meters.get(provider)?.spending;
    // The account falls by what others run up on it as well.
    const burn = Math.max(commitment?.burnPerHour ?? 0, accountBurnPerHour ?? 0);
    const lasts = balance && commitment ? lastsForMs(balance, burn, now) : undefined;
    return {
      provider,
      ...(balance ? { balance } : {}),
      ...(accountBurnPerHour === undefined ? {} : { accountBurnPerHour }),
      ...(spending ? { spending } : {}),
      ...(commitment ? { burnPerHour: commitment.burnPerHour } : {}),
      ...(lasts === undefined ? {} : { lastsForMs: lasts }),
    };
  }
}

const UNLIMITED: Budget = budgetBy(() => undefined);

function budgetBy(shortfallFor: Budget['shortfallFor']): Budget {
  return {
    shortfallFor,
    shortfallOf: (offer, request) => shortfallFor(reservationOf(offer, request)),
  };
}

/** Runs it now; what came of it, be it an error, comes out when asked for. */
function attempt<Outcome>(run: () => Outcome): () => Outcome {
  try {
    const outcome = run();
    return () => outcome;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function byProvider(rows: readonly ProviderCommitment[]): ReadonlyMap<ProviderName, Commitment> {
  return new Map(rows.map(({ provider, ...commitment }) => [provider, commitment]));
}
