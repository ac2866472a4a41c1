import type { ReconciledCharge } from '../../src/ports/store.ts';
import type { Lived } from './samples.ts';

/** Instants of these worlds are beyond this, and no other number that is stored is. */
const FIRST_INSTANT = 1_500_000_000_000;

/** The same life again, as another session that was made at another time on another machine. */
export function another(
  { session, events, activity }: Lived,
  number: number,
  createdAt: number,
): Lived {
  const byMs = createdAt - session.createdAt;
  const id = `sess-${number.toString(36).padStart(16, '0')}`;
  const moved = (value: unknown): unknown => moveIn(value, { from: session.id, to: id, byMs });
  const copy = { session, events, activity };
  const again = moved(copy) as typeof copy;
  const instances = again.session.instances.map((one, place) =>
    one.providerInstanceId === undefined
      ? one
      : { ...one, providerInstanceId: `${one.providerInstanceId}-${number}-${place}` },
  );
  return { ...again, session: { ...again.session, version: 1, instances } };
}

interface Move {
  readonly from: string;
  readonly to: string;
  readonly byMs: number;
}

function moveIn(value: unknown, move: Move): unknown {
  if (typeof value === 'number') return value > FIRST_INSTANT ? value + move.byMs : value;
  if (typeof value === 'string') {
    const tagPart = move.from.replace('sess-', '');
    return value.replaceAll(tagPart, move.to.replace('sess-', ''));
  }
  if (Array.isArray(value)) return value.map((one) => moveIn(one, move));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, moveIn(one, move)]));
}

/** What its provider says two days later. */
export function chargesFor({ session }: Lived): readonly ReconciledCharge[] {
  return session.instances.flatMap(({ provider, providerInstanceId, goneAt }) =>
    providerInstanceId === undefined || goneAt === undefined
      ? []
      : [
          {
            provider,
            providerInstanceId,
            sessionId: session.id,
            endedAt: goneAt,
            billed: 812_345,
            traffic: 1_234,
            estimated: 810_000,
            readAt: goneAt + 2 * 86_400_000,
          },
        ],
  );
}
