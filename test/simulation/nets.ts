import type { BrokerEvent } from '../../src/domain/events.ts';
import { type Instance, isFinalInstance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';

/**
 * Safety nets that acted, by what rows and events say of it. Where everything goes well none of these has anything to
 * do but the ends of reservations.
 */
export function netsOfEvent(event: BrokerEvent, isStarting: boolean): readonly string[] {
  switch (event.kind) {
    case 'launch_unknown':
      return ['launch of unknown outcome'];
    case 'launch_never_happened':
      return ['launch proven never made'];
    case 'orphan_detected':
      return [isStarting ? 'startup sweep found an orphan' : 'reconciler found an orphan'];
    case 'orphan_held':
      return [`orphan held for a person: ${event.reason}`];
    case 'incident_raised':
      return [`incident: ${event.incident.kind}`];
    case 'terminate_asked':
      return event.asked > 1 ? ['terminate asked again'] : [];
    case 'terminate_failed':
      return ['terminate failed'];
    default:
      return [];
  }
}

/** `dueSince` is when the present life began, by the broker's own clock: what was due before that was late. */
export function netsOfCommit(
  session: Session,
  before: Session | undefined,
  bornAt: number,
): readonly string[] {
  return [
    ...endNets(session, before, bornAt),
    ...session.instances.flatMap((row, place) => rowNets(row, before?.instances[place])),
  ];
}

function endNets(
  { stopReason, stopAskedAt, expiresAt }: Session,
  before: Session | undefined,
  bornAt: number,
): readonly string[] {
  if (stopAskedAt === undefined || before?.stopAskedAt !== undefined) return [];
  switch (stopReason) {
    case 'expired':
      return ['expired', ...(expiresAt < bornAt ? ['expired while the broker was down'] : [])];
    case 'hard_limit':
      return ['hard limit'];
    case 'idle':
      return ['idle'];
    case 'never_ready':
    case 'instance_lost':
    case 'instance_stopped':
      return [`session given up: ${stopReason}`];
    default:
      return [];
  }
}

function rowNets(row: Instance, before: Instance | undefined): readonly string[] {
  if (!before) return row.role === 'stray' ? ['second copy of a launch got a row'] : [];
  if (row.state === before.state) return [];
  if (row.state === 'launched') {
    if (isFinalInstance(before.state)) return ['came back into its row'];
    return before.state === 'launching' ? [] : ['adopted by its tag'];
  }
  const isLost = row.state === 'gone' && row.failure?.code === 'instance_lost';
  return isLost ? ['loss proven by two lists and a look'] : [];
}
