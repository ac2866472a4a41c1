import type { Offer } from '../domain/offer.ts';
import type { Session } from '../domain/session.ts';
import type { Shelf } from '../inventory/shelf.ts';

/** More offers than this are not kept for a session: one that so many fit does not wait for long. */
const MAX_KEPT = 100;

interface Known {
  readonly stand: object;
  readonly fitting: readonly Offer[];
}

/** By the session as it stands in its rows, and forgotten with it. */
const KNOWN = new WeakMap<Session, Known>();

/**
 * What fits a session that waits for a machine. It looks again every few seconds, among thousands of offers, and finds the
 * same for as long as neither its rows nor the menu have changed; who is being given a machine meanwhile is for the caller
 * to ask.
 */
export function knownFitting(
  shelf: Pick<Shelf, 'stand'>,
  session: Session,
  find: () => readonly Offer[],
): readonly Offer[] {
  const stand = shelf.stand();
  const known = KNOWN.get(session);
  if (known?.stand === stand) return known.fitting;
  const fitting = find();
  if (fitting.length <= MAX_KEPT) KNOWN.set(session, { stand, fitting });
  return fitting;
}
