import {
  type Balance,
  type Commitment,
  lastsForMs,
  NOTHING_COMMITTED,
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
import type { ProviderCommitment, Store } from '../ports/store.ts';

/** How an account at a marketplace stands. Two APIs of one marketplace share it. */
export interface AccountHealth {
  readonly provider: ProviderName;
  /** Undefined where the marketplace does not tell, or has not yet. */
  readonly balance?: Balance;
  /** Micro-dollars an hour that this broker runs up there; undefined before the first look. */
  readonly burnPerHour?: MicroUsd;
  /** How long the balance lasts at that; undefined where either is unknown, or nothing runs up. */
  readonly lastsForMs?: number;
}

/** What the accounts can pay for at one moment. */
export interface Budget {
  /** What the offer's account lacks to pay for the reservation; undefined where it lacks nothing, or nobody knows. */
  shortfallOf(offer: Offer, request: SessionRequest): Shortfall | undefined;
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
  #commitments: ReadonlyMap<ProviderName, Commitment> | undefined;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#names = [...new Set(parts.providers.map(({ name }) => name))];
  }

  note(provider: ProviderName, amount: MicroUsd, at: EpochMs): void {
    this.#balances.set(provider, { amount, at });
  }

  /** Reads anew what runs up and what is promised. */
  async takeStock(): Promise<void> {
    const { store, clock } = this.#parts;
    this.#commitments = byProvider(await store.commitments(clock.now()));
  }

  health(): readonly AccountHealth[] {
    const now = this.#parts.clock.now();
    return this.#names.map((provider) => this.#healthOf(provider, now));
  }

  /** Read from the rows, so that what was promised a moment ago counts. */
  async budget(): Promise<Budget> {
    const { policy, clock } = this.#parts;
    if (!policy.checksBalance || this.#balances.size === 0) return UNLIMITED;
    await this.takeStock();
    const now = clock.now();
    return {
      shortfallOf: (offer, request) => {
        const balance = this.#believed(offer.provider, now);
        const commitment = this.#commitments?.get(offer.provider) ?? NOTHING_COMMITTED;
        return balance && shortfallOf({ balance, commitment, now }, offer, request);
      },
    };
  }

  #believed(provider: ProviderName, now: EpochMs): Balance | undefined {
    const balance = this.#balances.get(provider);
    const longestMs = BELIEVED_INTERVALS * this.#parts.policy.balanceRefreshMs;
    return balance && now - balance.at <= longestMs ? balance : undefined;
  }

  #healthOf(provider: ProviderName, now: EpochMs): AccountHealth {
    const balance = this.#balances.get(provider);
    const commitment = this.#commitments && (this.#commitments.get(provider) ?? NOTHING_COMMITTED);
    const lasts =
      balance && commitment ? lastsForMs(balance, commitment.burnPerHour, now) : undefined;
    return {
      provider,
      ...(balance ? { balance } : {}),
      ...(commitment ? { burnPerHour: commitment.burnPerHour } : {}),
      ...(lasts === undefined ? {} : { lastsForMs: lasts }),
    };
  }
}

const UNLIMITED: Budget = { shortfallOf: () => undefined };

function byProvider(rows: readonly ProviderCommitment[]): ReadonlyMap<ProviderName, Commitment> {
  return new Map(rows.map(({ provider, ...commitment }) => [provider, commitment]));
}
