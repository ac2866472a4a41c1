import type { BrokerEvent, IncidentEvent } from '../domain/events.ts';
import { toUsd } from '../domain/money.ts';
import { toRfc3339 } from '../domain/time.ts';
import type { Note } from '../ports/recorder.ts';

/** The event's own fields, named as the HTTP contract names them: snake case, dollars, RFC 3339. */
export function eventFields(event: BrokerEvent): Readonly<Record<string, unknown>> {
  if ('incident' in event) return incidentFields(event);
  const { kind, at, ...facts } = event;
  const fields = snakeCased({ event: kind, at: toRfc3339(at), ...facts });
  if (event.kind === 'session_extended') {
    return { ...fields, expires_at: toRfc3339(event.expiresAt) };
  }
  if (event.kind !== 'session_status_changed') return fields;
  const { cost: _, ...rest } = fields;
  return { ...rest, cost_usd: toUsd(event.cost) };
}

/** The incident's own figures stand beside its kind, so that one name finds all lines of a sort. */
function incidentFields(event: IncidentEvent): Readonly<Record<string, unknown>> {
  const { kind, at, incident, ...rest } = event;
  const { kind: incidentKind, ...figures } = incident;
  const about = { event: kind, at: toRfc3339(at), incident: incidentKind };
  return snakeCased({ ...about, ...figures, ...rest });
}

export function noteFields(note: Note): Readonly<Record<string, unknown>> {
  if ('error' in note) {
    const { kind, error, ...facts } = note;
    return { ...snakeCased({ event: kind, ...facts }), err: error };
  }
  if (note.kind === 'session_asked') return { event: note.kind };
  const { kind, ...facts } = note;
  return snakeCased({ event: kind, ...facts });
}

function snakeCased(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
