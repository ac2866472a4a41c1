import type { BrokerEvent } from '../domain/events.ts';
import type { Note } from '../ports/recorder.ts';

export interface Line {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  /** Constant, so that lines can be found and counted by it. */
  readonly phrase: string;
}

const info = (phrase: string): Line => ({ level: 'info', phrase });
const warn = (phrase: string): Line => ({ level: 'warn', phrase });
const error = (phrase: string): Line => ({ level: 'error', phrase });
const debug = (phrase: string): Line => ({ level: 'debug', phrase });

export const EVENT_LINES: Readonly<Record<BrokerEvent['kind'], Line>> = {
  session_created: info('session created'),
  session_status_changed: info('session status changed'),
  session_extended: info('session extended'),
  attempt_intended: info('attempt intended'),
  launch_started: info('launch started'),
  launch_accepted: info('launch accepted'),
  launch_refused: warn('launch refused'),
  launch_unknown: warn('launch outcome unknown'),
  instance_adopted: warn('instance adopted'),
  launch_never_happened: info('launch never happened'),
  access_granted: info('access granted'),
  instance_located: info('instance located'),
  login_proven: info('login proven'),
  machine_seen: info('machine seen'),
  login_lost: warn('login lost'),
  login_restored: info('login restored'),
  host_key_changed: error('host key changed'),
  session_interrupted: warn('session interrupted'),
  idle_warned: warn('idle session warned'),
  idle_warning_cleared: info('idle warning cleared'),
  service_located: info('service located'),
  service_proven: info('service proven'),
  attempt_failed: warn('attempt failed'),
  stop_asked: info('stop asked'),
  stop_failed: warn('stop failed'),
  disk_preserved: info('disk preserved'),
  disk_discarded: info('preserved disk discarded'),
  session_resumed: info('session resumed'),
  machine_started: info('machine started'),
  terminate_asked: info('terminate asked'),
  terminate_failed: warn('terminate failed'),
  instance_gone: info('instance gone'),
  orphan_detected: warn('orphaned instance detected'),
  orphan_terminate_asked: warn('orphaned instance asked to end'),
  orphan_gone: info('orphaned instance gone'),
  orphan_cleared: info('orphaned instance no longer an orphan'),
  orphan_terminate_failed: warn('end of an orphaned instance failed'),
  orphan_held: error('orphaned instance held for a decision'),
  orphan_ignored: warn('orphaned instance left alone by decision'),
  orphan_end_confirmed: warn('orphaned instance to end by decision'),
  incident_raised: error('incident raised'),
  incident_cleared: info('incident cleared'),
};

export function noteLine(note: Note): Line {
  switch (note.kind) {
    case 'session_asked':
      return debug('session asked for something');
    case 'act_begun':
      return { level: 'trace', phrase: 'act begun' };
    case 'act_ended':
      return { level: 'trace', phrase: 'act ended' };
    case 'provider_call':
      return note.failure === undefined ? debug('provider called') : warn('provider call failed');
    case 'circuit_changed':
      return note.state === 'closed' ? info('provider answers again') : warn('provider held off');
    case 'rate_learnt':
      return warn('provider asked too often');
    case 'offers_refreshed':
      return debug('offers refreshed');
    case 'login_tried':
      return debug('login tried');
    case 'service_tried':
      return debug('service tried');
    case 'launch_judged':
      return debug('launch judged');
    case 'sweep_done':
      return debug('sweep done');
    case 'old_data_removed':
      return info('old data removed');
    case 'keys_not_opened':
      return error(
        'keys of open sessions cannot be opened: they were sealed with another SECRETS_KEY or secrets.key. Put that back and start again; until then these sessions run and end in time, and nobody looks into their machines or is given their keys',
      );
    case 'step_failed':
      return error('step failed');
    case 'loop_turned':
      return { level: 'trace', phrase: 'loop turned' };
    case 'loop_failed':
      return error('loop failed');
  }
}
