import type { Static } from '@sinclair/typebox';
import type { Session } from '../../domain/session.ts';
import type { SessionAnswer } from '../schemas/session-schemas.ts';

type SessionView = Static<typeof SessionAnswer>;

/**
 * The view as text without the costs, while they run: they change with every look, and whoever polls waits for something
 * else to change. Undefined when no line of the ledger is open, as the whole view lasts then.
 */
export function lastingSession({ instances }: Session, view: SessionView): string | undefined {
  const runs = instances.some(({ costs }) => costs.some(({ endedAt }) => endedAt === undefined));
  if (!runs) return undefined;
  const { cost_so_far: _sum, attempts, ...rest } = view;
  return JSON.stringify({ ...rest, attempts: attempts.map(({ cost: _part, ...one }) => one) });
}
