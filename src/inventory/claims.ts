import type { Offer } from '../domain/offer.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';

/** Longer than a launch that was chosen waits for its turn and its answer; a claim that is not taken back ends with it. */
const CLAIMED_FOR_MS = 3 * MINUTE_MS;
const MAX_CLAIMS = 5_000;

/**
 * Machines that a session was just given and that the market may not show as taken yet. Who chooses meanwhile does better
 * with another one: of many that ask for the same at once each gets a machine of its own, and none waits for another's launch.
 */
export class Claims {
  readonly #until = new BoundedMap<string, EpochMs>(MAX_CLAIMS);

  /** Where the offer names its machine. */
  claim({ machineId }: Pick<Offer, 'machineId'>, now: EpochMs): void {
    if (machineId !== undefined) this.#until.set(machineId, now + CLAIMED_FOR_MS);
  }

  /** Nothing came of it. */
  release({ machineId }: Pick<Offer, 'machineId'>): void {
    if (machineId !== undefined) this.#until.delete(machineId);
  }

  isClaimed({ machineId }: Pick<Offer, 'machineId'>, now: EpochMs): boolean {
    return machineId !== undefined && (this.#until.get(machineId) ?? 0) > now;
  }

  /** The same offers, those of claimed machines last. */
  unclaimedFirst(offers: readonly Offer[], now: EpochMs): readonly Offer[] {
    const claimed = offers.filter((offer) => this.isClaimed(offer, now));
    if (claimed.length === 0) return offers;
    return [...offers.filter((offer) => !this.isClaimed(offer, now)), ...claimed];
  }
}
