import type { Static } from '@sinclair/typebox';
import type { Session } from '../../domain/session.ts';
import type { SessionAnswer } from '../schemas/session-schemas.ts';

type SessionView = Static<typeof SessionAnswer>;

/** Whether a line of its ledger is open, so that what it costs grows with every look. */
export function runsUpCosts({ instances }: Session): boolean {
  return instances.some(({ costs }) => costs.some(({ endedAt }) => endedAt === undefined));
}

/**
 * The view as text without the costs: while they run they change with every look, and whoever polls waits for something
 * else to change.
 */
export function lastingSession(view: SessionView): string {
  const { cost_so_far: _sum, attempts, ...rest } = view;
  return JSON.stringify({ ...rest, attempts: attempts.map(({ cost: _part, ...one }) => one) });
}
