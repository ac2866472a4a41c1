import type { Checker } from './violation.ts';

/** An incident is reported only where something is wrong, and not when consumers had just ended many sessions. */
export const trueAlarms: Checker = {
  name: 'no false alarm',
  onEvent: (evidence, event) => {
    if (event.kind !== 'incident_raised' || !evidence.plan.isCalm) return undefined;
    // Calm worlds have orphans from before, and limits that are small.
    if (event.incident.kind === 'orphans_held') return undefined;
    return `an incident was reported in a calm world: ${JSON.stringify(event.incident)}`;
  },
};
