import type { Logger } from 'pino';
import type { Recorder } from '../ports/recorder.ts';
import { countIncidentEvent } from './count-incident-event.ts';
import { countNote } from './count-note.ts';
import { countOrphanEvent } from './count-orphan-event.ts';
import { countSessionEvent } from './count-session-event.ts';
import { EVENT_LINES, type Line, noteLine } from './event-lines.ts';
import { eventFields, noteFields } from './log-fields.ts';
import type { Metrics } from './metrics.ts';
import { createProvisioningTimes } from './provisioning-times.ts';

/** Turns each fact into one log line and into what it adds to the metrics. */
export function createRecorder(logger: Logger, metrics: Metrics): Recorder {
  const counters = { metrics: metrics.sessions, provisioning: createProvisioningTimes() };
  const say = ({ level, phrase }: Line, fields: object): void => logger[level](fields, phrase);
  return {
    event: (event) => {
      say(EVENT_LINES[event.kind], eventFields(event));
      if ('sessionId' in event) countSessionEvent(counters, event);
      else if ('incident' in event) countIncidentEvent(metrics.incidents, event);
      else countOrphanEvent(metrics, event);
    },
    note: (note) => {
      say(noteLine(note), noteFields(note));
      countNote(metrics, note);
    },
  };
}
