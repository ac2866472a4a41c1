import type { Logger } from 'pino';
import type { Origin } from '../ports/origin.ts';
import type { Recorder } from '../ports/recorder.ts';
import { countIncidentEvent } from './count-incident-event.ts';
import { countNote } from './count-note.ts';
import { countOrphanEvent } from './count-orphan-event.ts';
import { countSessionEvent } from './count-session-event.ts';
import { EVENT_LINES, type Line, noteLine } from './event-lines.ts';
import { createSessionOrigins, originFields, sessionOf } from './fact-origins.ts';
import { eventFields, noteFields } from './log-fields.ts';
import type { Metrics } from './metrics.ts';
import { createProvisioningTimes } from './provisioning-times.ts';

/**
 * Turns each fact into one log line, with the session and the request that it belongs to, and into what it adds to the
 * metrics; where spans are collected, they are made of the same facts.
 */
export function createRecorder(logger: Logger, metrics: Metrics, spans?: Recorder): Recorder {
  const counters = { metrics: metrics.sessions, provisioning: createProvisioningTimes() };
  const origins = createSessionOrigins();
  const say = ({ level, phrase }: Line, fields: object): void => logger[level](fields, phrase);
  const belonging = (fact: object, origin: Origin | undefined): object => {
    const sessionId = sessionOf(fact);
    if (sessionId === undefined) return originFields(origin);
    return { session_id: sessionId, ...originFields(origin ?? origins.get(sessionId)) };
  };
  return {
    event: (event, origin) => {
      spans?.event(event, origin);
      say(EVENT_LINES[event.kind], { ...eventFields(event), ...belonging(event, origin) });
      if ('sessionId' in event) countSessionEvent(counters, event);
      else if ('incident' in event) countIncidentEvent(metrics.incidents, event);
      else countOrphanEvent(metrics, event);
    },
    note: (note, origin) => {
      spans?.note(note, origin);
      if (note.kind === 'session_asked') origins.set(note.sessionId, note.origin);
      const line = noteLine(note);
      // Most notes are for debugging, and a line that nobody reads is not made up.
      if (logger.isLevelEnabled(line.level)) {
        say(line, { ...noteFields(note), ...belonging(note, origin) });
      }
      countNote(metrics, note);
    },
  };
}
